using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Web;

public sealed class RouteTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/?hold", HttpStatusCode.OK)]
    [InlineData("/app.css", HttpStatusCode.OK)]
    [InlineData("/live.js", HttpStatusCode.OK)]
    [InlineData("/icon.svg", HttpStatusCode.OK)]
    [InlineData("/health/live", HttpStatusCode.OK)]
    [InlineData("/health/ready", HttpStatusCode.ServiceUnavailable)]
    [InlineData("/nowhere", HttpStatusCode.NotFound)]
    public async Task S20_every_route_carries_the_strict_headers(string path, HttpStatusCode expected)
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Three);

        using var response = await host.Client.GetAsync(path, Cancel);

        Assert.Equal(expected, response.StatusCode);
        AssertHardened(response);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("192.168.1.7:8080")]
    public async Task S20_a_rebound_host_name_is_refused_and_told_nothing(string name)
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Three);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = name;

        using var response = await host.Client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
        Assert.DoesNotContain("Ada", await response.Content.ReadAsStringAsync(Cancel));
        AssertHardened(response);
    }

    [Theory]
    [InlineData("localhost:8080")]
    [InlineData("[::1]:8080")]
    [InlineData("Health.Example")]
    public async Task Loopback_and_configured_names_are_answered(string name)
    {
        await using var host = await PageHost.StartAsync(
            _ => SampleWearers.Three, new() { ["Web:AllowedHosts:0"] = "health.example" });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = name;

        using var response = await host.Client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task S22_a_failing_read_is_a_problem_with_an_id_and_no_stack()
    {
        await using var host = await PageHost.StartAsync(
            _ => throw new InvalidOperationException("secret /var/lib path"), []);

        using var response = await host.Client.GetAsync("/", Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("secret", body);
        Assert.DoesNotContain(" at ", body);
        using var json = JsonDocument.Parse(body);
        Assert.Equal(16, json.RootElement.GetProperty("id").GetString()!.Length);
        AssertHardened(response);
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task S19_nothing_but_reading_is_possible(string method)
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Three);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/");

        using var response = await host.Client.SendAsync(request, Cancel);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task S21_too_many_requests_are_told_when_to_come_back()
    {
        await using var host = await PageHost.StartAsync(
            _ => [], new() { ["Web:RequestsPerMinute"] = "10" });

        for (var i = 0; i < 10; i++)
            Assert.NotEmpty(await host.PageAsync());
        using var response = await host.Client.GetAsync("/", Cancel);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromMinutes(1), response.Headers.RetryAfter?.Delta);
        AssertHardened(response);
    }

    [Fact]
    public async Task S35_health_is_one_boolean_and_follows_the_heartbeats()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Three);
        host.Health.IsReady = true;
        host.Heartbeats.Beat("pipeline");

        Assert.Equal("{\"live\":true}", await BodyAsync(host, "/health/live", HttpStatusCode.OK));
        Assert.Equal("{\"ready\":true}", await BodyAsync(host, "/health/ready", HttpStatusCode.OK));

        host.Time.Advance(TimeSpan.FromSeconds(31));

        const HttpStatusCode away = HttpStatusCode.ServiceUnavailable;
        Assert.Equal("{\"live\":false}", await BodyAsync(host, "/health/live", away));
        Assert.Equal("{\"ready\":false}", await BodyAsync(host, "/health/ready", away));
    }

    [Theory]
    [InlineData("Web:Url", "http://0.0.0.0:8080", "Web:Url")]
    [InlineData("Web:Url", "http://localhost.evil.example", "Web:Url")]
    [InlineData("Web:Url", "not an address", "Web:Url")]
    [InlineData("Web:RefreshInterval", "00:00:01", "Web:RefreshInterval")]
    [InlineData("Web:RequestsPerMinute", "0", "Web:RequestsPerMinute")]
    public void A_bad_setting_stops_the_start_by_its_name(string key, string value, string named)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [key] = value });

        var error = Assert.Throws<InvalidOperationException>(() => builder.AddWeb());

        Assert.Contains(named, error.Message);
    }

    [Fact]
    public async Task Switched_off_it_opens_no_port()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Web:Enabled"] = "false" });
        builder.Logging.ClearProviders();
        builder.AddWeb();
        await using var app = builder.Build();
        app.MapWeb();

        await app.StartAsync(TestContext.Current.CancellationToken);

        Assert.IsType<NoServer>(app.Services.GetRequiredService<IServer>());
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    static async Task<string> BodyAsync(PageHost host, string path, HttpStatusCode expected)
    {
        using var response = await host.Client.GetAsync(path, Cancel);
        Assert.Equal(expected, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    static void AssertHardened(HttpResponseMessage response)
    {
        var policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'", policy);
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("form-action 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.False(response.Headers.Contains("Server"));
    }
}
