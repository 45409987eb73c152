using System.Net;
using System.Net.Sockets;
using SpasmStream.Worker;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Notify;

/// <summary>Where a webhook may go, asked of its text, of the name server, and at the connection.</summary>
public sealed class WebhookAddressTests
{
    static readonly IPAddress _public = IPAddress.Parse("1.1.1.1");

    public static TheoryData<string> Forbidden =>
    [
        "https://127.0.0.1/hook", "https://127.0.0.1:8443/hook", "https://[::1]/hook", "https://0.0.0.0/",
        "https://169.254.169.254/latest/meta-data", "https://0x7f.1/", "https://2130706433/",
        "https://0177.0.0.1/", "https://127.1/", "https://localhost/", "https://LOCALHOST/",
        "https://localhost./", "https://a.localhost/", "https://hooks.example.org./", "https://10.0.0.1/",
        "https://192.168.1.20/", "https://172.16.0.1/", "https://100.64.0.1/", "https://224.0.0.1/",
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[64:ff9b::7f00:1]/",
        "https://[fd00::1]/", "https://[fe80::1]/", "https://user@hooks.example.org/",
        "https://user:word@hooks.example.org/", "https://hooks.example.org@127.0.0.1/",
        "file:///etc/passwd", "ftp://hooks.example.org/", "gopher://hooks.example.org/",
        "//hooks.example.org/",
        "hooks.example.org", "", "http://hooks.example.org/", "http://1.1.1.1/", "http://127.0.0.1/",
    ];

    [Theory]
    [MemberData(nameof(Forbidden))]
    public void B53_A_forbidden_address_is_refused_by_its_text(string url) =>
        Assert.NotNull(WebhookAddress.Fault(url, []));

    [Theory]
    [InlineData("https://hooks.example.org/a?b=c")]
    [InlineData("https://hooks.example.org:8443/")]
    [InlineData("https://1.1.1.1/")]
    [InlineData("https://[2606:4700::1111]/")]
    public void A_public_address_over_tls_is_taken(string url) =>
        Assert.Null(WebhookAddress.Fault(url, []));

    [Theory]
    [InlineData("http://127.0.0.1:9000/", "127.0.0.1", true)]
    [InlineData("http://[::1]:9000/", "::1", true)]
    [InlineData("http://[::1]:9000/", "[::1]", true)]
    [InlineData("http://nas.lan/hook", "NAS.lan", true)]
    [InlineData("https://localhost/", "localhost", true)]
    [InlineData("http://nas.lan.evil.example/", "nas.lan", false)]
    [InlineData("http://x.nas.lan/", "nas.lan", false)]
    [InlineData("https://127.0.0.2/", "127.0.0.1", false)]
    [InlineData("https://localhost./", "localhost", false)]
    [InlineData("https://u@nas.lan/", "nas.lan", false)]
    [InlineData("ftp://nas.lan/", "nas.lan", false)]
    public void B53_Only_that_exact_host_is_allowed(string url, string allowed, bool taken) =>
        Assert.Equal(taken, WebhookAddress.Fault(url, [allowed]) is null);

    [Fact]
    public void B53_A_fault_does_not_repeat_the_address() => Assert.All(
        ["https://user:hunter2@x.example/", "http://x.example/?token=hunter2", "ftp://x/hunter2"],
        url => Assert.DoesNotContain("hunter2", WebhookAddress.Fault(url, [])!, StringComparison.Ordinal));

    [Theory]
    [InlineData("10.0.0.1", false, 1)]
    [InlineData("10.0.0.1", true, 0)]
    [InlineData("1.1.1.1", false, 0)]
    [InlineData("", false, 0)]
    public async Task B53_A_name_of_a_private_address_is_a_fault_when_asked(
        string address, bool allowed, int faults)
    {
        var options = new NotifyOptions { Webhooks = { Hook("https://nas.example/") } };
        if (allowed)
            options.Webhooks[0].AllowedHosts.Add("nas.example");

        var found = await WebhookLookup.FaultsAsync(options,
            (_, _) => address.Length == 0 ? throw new SocketException((int)SocketError.HostNotFound)
                : Task.FromResult<IPAddress[]>([IPAddress.Parse(address)]),
            TimeProvider.System, CancellationToken.None);

        Assert.Equal(faults, found.Count);
        Assert.All(found, f => Assert.StartsWith("Notify:Webhooks:0:Url: ", f, StringComparison.Ordinal));
    }

    /// <summary>Every one of them whose host could be asked for, past a check of its text.</summary>
    public static TheoryData<string> ForbiddenHosts =>
    [
        .. Forbidden.Select(row => row.Data).Where(url => Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" && !url.Contains("1.1.1.1", StringComparison.Ordinal)),
    ];

    [Theory]
    [MemberData(nameof(ForbiddenHosts))]
    public async Task B53_A_forbidden_host_is_refused_again_at_the_connection(string url)
    {
        // Names lead to this machine here. Nothing is connected to, so no port is needed.
        using var hook = Open(Hook(url), (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]));

        var answer = await hook.TestAsync("k", News.Issued, CancellationToken.None);

        Assert.Equal(Sending.Refused, answer.Sending);
    }

    [Fact]
    public async Task B53_A_name_that_changes_its_address_after_the_check_gains_nothing()
    {
        var asked = 0;
        Task<IPAddress[]> Resolve(string host, CancellationToken stop) =>
            Task.FromResult<IPAddress[]>([asked++ == 0 ? _public : IPAddress.Loopback]);
        var options = Hook("https://hooks.example.org/");
        Assert.Empty(await WebhookLookup.FaultsAsync(new NotifyOptions { Webhooks = { options } }, Resolve,
            TimeProvider.System, CancellationToken.None));
        using var hook = Open(options, Resolve);

        var answer = await hook.TestAsync("k", News.Issued, CancellationToken.None);

        Assert.Equal((Sending.Refused, 2), (answer.Sending, asked));
        Assert.Contains("AllowedHosts", answer.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task B53_Of_several_addresses_only_public_ones_are_connected_to()
    {
        IPAddress[] all = [IPAddress.Loopback, _public, IPAddress.Parse("10.0.0.1")];

        Assert.Equal([_public], await new WebhookDoor([], (_, _) => Task.FromResult(all))
            .AddressesAsync("hooks.example.org", CancellationToken.None));
        Assert.Equal(all, await new WebhookDoor(["hooks.example.org"], (_, _) => Task.FromResult(all))
            .AddressesAsync("hooks.example.org", CancellationToken.None));
    }

    [Fact]
    public void S23_The_door_follows_nothing_asks_no_proxy_and_unpacks_nothing()
    {
        using var handler = new WebhookDoor([], WebhookDoor.ResolveHere).Open();

        Assert.False(handler.AllowAutoRedirect);
        Assert.False(handler.UseProxy);
        Assert.False(handler.UseCookies);
        Assert.Equal(DecompressionMethods.None, handler.AutomaticDecompression);
        Assert.Null(handler.SslOptions.RemoteCertificateValidationCallback);
        Assert.NotNull(handler.ConnectCallback);
    }

    static WebhookOptions Hook(string url) => new() { Url = url, Secret = "sixteen or more characters" };

    static WebhookNotifier Open(WebhookOptions options, Resolve resolve) => new(
        options, new WearerDirectory([], admitsStrangers: true), TimeProvider.System, resolve);
}
