using System.Text.Json;
using Microsoft.AspNetCore.Http;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Notify;

/// <summary>A webhook of a real worker.</summary>
public sealed class WebhookProcessTests
{
    [Fact]
    public async Task F51_Killed_between_sending_and_marking_it_sends_the_same_key_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System,
            (_, post) => post.Number == 1 ? Ended(post.Aborted) : Task.CompletedTask);
        await using var rig = await RaisedAsync(receiver.Url);
        await rig.StartAgainAsync();

        var first = await receiver.NextAsync();
        Assert.Equal(1, rig.Count("SELECT count(*) FROM outbox WHERE state='sending'"));
        await rig.Worker.KillAsync();
        await rig.StartAgainAsync();
        var second = await receiver.NextAsync();

        Assert.True(first.IsGenuine && second.IsGenuine);
        Assert.Equal((first.Key, first.Body), (second.Key, second.Body));
        Assert.Single(receiver.Effects);
        await rig.UntilAsync(
            "SELECT count(*) FROM outbox WHERE state='delivered' AND attempts=2 AND receipt='200'", 1);
    }

    [Fact]
    public async Task A_test_arrives_and_prints_its_receipt()
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System);
        await using var test = Verb(receiver.Url, "notify", "test", "--json");

        Assert.Equal(0, await test.Process.ExitAsync());

        var post = await receiver.NextAsync();
        Assert.True(post.IsGenuine);
        Assert.Contains("\"kind\":\"test\"", post.Body, StringComparison.Ordinal);
        var channel = JsonDocument.Parse(test.Process.Output).RootElement.GetProperty("channels")[0];
        Assert.Equal("webhook", channel.GetProperty("channel").GetString());
        Assert.True(channel.GetProperty("arrived").GetBoolean());
        Assert.Equal("200 m-1", channel.GetProperty("receipt").GetString());
        Assert.Equal(post.Key, channel.GetProperty("key").GetString());
    }

    [Fact]
    public async Task A_test_that_does_not_arrive_says_why_and_is_78()
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System, (context, _) =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        });
        await using var refused = Verb(receiver.Url, "notify", "test", "--channel", "webhook");
        await using var closed = Verb($"http://127.0.0.1:{FreePort.Next()}/", "notify", "test");
        await using var none = WorkerProcess.Start(Path.GetTempPath(), ["notify", "test"]);
        await using var unknown = Verb(receiver.Url, "notify", "test", "--channel", "pigeon");

        Assert.Equal(78, await refused.Process.ExitAsync());
        Assert.Equal("webhook: did not arrive (status 403).", refused.Process.Output);
        Assert.Equal(78, await closed.Process.ExitAsync());
        Assert.Equal("webhook: did not arrive (ConnectionError).", closed.Process.Output);
        Assert.Equal(0, await none.Process.ExitAsync());
        Assert.StartsWith("There is no channel to try", none.Process.Output, StringComparison.Ordinal);
        Assert.Equal(64, await unknown.Process.ExitAsync());
        Assert.Contains("there is webhook", unknown.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_over_the_broker_leaves_the_status_of_a_running_worker_alone()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var probe = await MqttProbe.ConnectAsync(broker.Port);
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        await broker.Process.WaitForLineAsync("as spasmstream-out");
        await probe.SubscribeAsync("spasmstream/v1/out/worker/#");
        Assert.Equal("online", (await probe.NextAsync()).Payload);

        await using var test = WorkerProcess.Start(Path.GetTempPath(), ["notify", "test"],
            new Dictionary<string, string>
            {
                ["SPASMSTREAM_Mqtt__Host"] = "127.0.0.1",
                ["SPASMSTREAM_Mqtt__Port"] = $"{broker.Port}",
            });

        Assert.Equal(0, await test.Process.ExitAsync());
        Assert.Contains("mqtt: arrived", test.Process.Output, StringComparison.Ordinal);
        var message = await probe.NextAsync();
        Assert.Equal("spasmstream/v1/out/worker/test", message.Topic);
        await probe.PublishAsync("last", "spasmstream/v1/out/worker/mark", "x");
        Assert.Equal("spasmstream/v1/out/worker/mark", (await probe.NextAsync()).Topic);
    }

    [Fact]
    public async Task B53_A_private_address_is_78_and_allowed_by_name_is_not()
    {
        await using var refused = Verb("https://10.0.0.1/", "check-config");
        await using var allowed = Verb("http://127.0.0.1:9/", "check-config");

        Assert.Equal(78, await refused.Process.ExitAsync());
        Assert.StartsWith("Notify:Webhooks:0:Url: ", refused.Process.Output, StringComparison.Ordinal);
        Assert.Equal(0, await allowed.Process.ExitAsync());
    }

    /// <summary>
    /// A stopped worker with an alert waiting for its webhook; its wearer has no quiet hours.
    /// </summary>
    static async Task<WorkerRig> RaisedAsync(string url)
    {
        List<(string, string)> settings =
            [("Wearers:0:QuietFrom", "00:00"), ("Wearers:0:QuietUntil", "00:00"), ("Notify:Mqtt", "false")];
        settings.AddRange(Settings(url));
        var rig = WorkerRig.Make([.. settings]);
        using var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System);
        await SomeAlert.SaveAsync(writer, "ada", Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
            new OutChannel("webhook"));
        return rig;
    }

    static (string, string)[] Settings(string url) =>
    [
        ("Notify:Webhooks:0:Url", url), ("Notify:Webhooks:0:Secret", WebhookReceiver.Secret),
        ("Notify:Webhooks:0:AllowedHosts:0", "127.0.0.1"),
    ];

    static WorkerProcess Verb(string url, params string[] arguments) => WorkerProcess.Start(
        Path.GetTempPath(), arguments, Settings(url).ToDictionary(
            it => "SPASMSTREAM_" + it.Item1.Replace(":", "__", StringComparison.Ordinal), it => it.Item2));

    static async Task Ended(CancellationToken token)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = token.Register(ended.SetResult);
        await ended.Task;
    }
}
