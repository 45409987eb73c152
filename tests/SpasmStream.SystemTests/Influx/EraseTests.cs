using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Influx;

/// <summary>What is said of an erasure where it cannot be done, or not now.</summary>
public sealed class EraseTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S27_InfluxDB_3_cannot_and_says_so()
    {
        await using var fake = await FakeInflux.StartAsync((_, _) => Task.CompletedTask);

        var erased = await RunAsync(fake, InfluxVersion.V3);

        Assert.Equal("unsupported", erased.State);
        Assert.Empty(fake.Requests);
    }

    [Fact]
    public async Task S27_InfluxDB_2_is_told_by_its_own_way()
    {
        await using var fake = await FakeInflux.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 204;
            return Task.CompletedTask;
        });

        var erased = await RunAsync(fake, InfluxVersion.V2);

        Assert.Equal("erased", erased.State);
        var request = Assert.Single(fake.Requests);
        Assert.Equal(("/api/v2/delete", "?org=home&bucket=t"), (request.Path, request.Query));
        using var json = System.Text.Json.JsonDocument.Parse(request.Body);
        Assert.Equal("wearer=\"p1\"", json.RootElement.GetProperty("predicate").GetString());
    }

    [Theory]
    [InlineData("V1")]
    [InlineData("V2")]
    [InlineData("Victoria")]
    public async Task S27_A_refusal_is_a_failure(string version)
    {
        await using var fake = await FakeInflux.StartAsync((context, _) =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });

        Assert.Equal("failed", (await RunAsync(fake, Enum.Parse<InfluxVersion>(version))).State);
    }

    static async Task<InfluxErased> RunAsync(FakeInflux fake, InfluxVersion version)
    {
        var options = fake.Options;
        (options.Version, options.Org) = (version, "home");
        using var link = new InfluxHttp(options, TimeProvider.System);
        return await new InfluxErase(options, link).RunAsync(["p1"], Stop);
    }
}
