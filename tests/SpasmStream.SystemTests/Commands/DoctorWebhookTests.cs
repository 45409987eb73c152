using System.Net;
using System.Net.Sockets;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Notify;

namespace SpasmStream.SystemTests.Commands;

/// <summary>What the doctor tries of a webhook.</summary>
public sealed class DoctorWebhookTests
{
    [Fact]
    public async Task A_webhook_is_looked_up_and_connected_to_and_nothing_is_posted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var options = new NotifyOptions();
        options.Webhooks.Add(new()
        {
            Name = "open", Url = $"http://127.0.0.1:{port}/planted-token", AllowedHosts = { "127.0.0.1" },
        });
        options.Webhooks.Add(new() { Name = "shut", Url = $"https://hooks.example.org:{port}/" });

        var findings = await DoctorWebhooks.TryAsync(options,
            (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]),
            TestContext.Current.CancellationToken);

        Assert.Equal([FindingState.Ok, FindingState.Failed], findings.Select(it => it.State));
        Assert.All(findings, it => Assert.DoesNotContain("planted", it.Seen, StringComparison.Ordinal));
        using var came = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        Assert.Equal(-1, came.GetStream().ReadByte());
    }
}
