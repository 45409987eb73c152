using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>What is secret, and what was said of somebody, is in nothing that is shown or logged.</summary>
public sealed class SecrecyTests
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Fact]
    public async Task S12_Planted_secrets_are_in_no_answer_page_or_log_of_a_run_that_fails_at_its_doors()
    {
        var closed = FreePort.Next();
        await using var rig = WorkerRig.Make(
            ("Broker:Accounts:0:Password", Canaries.Plant("account-password")),
            ("Notify:Webhooks:0:Name", "hook"),
            ("Notify:Webhooks:0:Url", $"http://127.0.0.1:{closed}/{Canaries.Plant("path")}"),
            ("Notify:Webhooks:0:AllowedHosts:0", "127.0.0.1"),
            ("Notify:Webhooks:0:Secret", Canaries.Plant("webhook-secret-of-some-length-that-will-do")),
            ("Influx:Url", $"http://127.0.0.1:{closed}"),
            ("Influx:Version", "V2"), ("Influx:Org", "o"), ("Influx:Bucket", "b"),
            ("Influx:Token", Canaries.Plant("influx-token")));

        await rig.StartAgainAsync();
        var shown = new List<string>();
        foreach (var path in new[] { "/", "/health/live", "/health/ready", "/nothing/here" })
        {
            using var answer = await _http.GetAsync(
                new Uri(rig.Page, path), TestContext.Current.CancellationToken);
            shown.Add(answer.Headers + await answer.Content.ReadAsStringAsync(
                TestContext.Current.CancellationToken));
        }

        using (var wrong = await RawMqtt.OpenAsync(rig.BrokerPort))
        {
            await wrong.SendAsync(RawMqtt.Connect("ada", "ada", Canaries.Plant("wrong-password")));
            await wrong.ReadAsync();
        }

        using (var ada = await RawMqtt.ConnectAsync(
            rig.BrokerPort, "ada", "ada", Canaries.Plant("account-password")))
        {
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        }

        await rig.Process.WaitForLineAsync("Everything is kept in the store here");
        shown.Add((await rig.VerbAsync("config", "show")).Output);
        shown.Add((await rig.VerbAsync("check-config")).Output);
        Assert.Equal(0, await rig.Worker.StopAsync());
        shown.Add((await rig.VerbAsync("doctor")).Output);
        shown.Add(rig.Process.Output);

        Assert.All(shown, AssertSilent);
    }

    [Fact]
    public async Task S12_A_password_of_another_broker_and_the_content_of_a_key_are_told_by_no_fault()
    {
        await using var rig = WorkerRig.Make(
            ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{FreePort.Next()}"), ("Mqtt:User", "worker"),
            ("Mqtt:Password", Canaries.Plant("mqtt-password")));
        await rig.StartAgainAsync(ready: false);
        await rig.Process.WaitForLineAsync("cannot be reached");
        Assert.Equal(0, await rig.Worker.StopAsync());
        AssertSilent(rig.Process.Output);

        var key = rig.At("key");
        await File.WriteAllTextAsync(
            key, Canaries.Plant("what-is-no-key"), TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(key, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var keyed = WorkerRig.Make(("Store:KeyFile", key));
        await keyed.StartAgainAsync(ready: false);
        Assert.Equal(78, await keyed.Process.ExitAsync());
        AssertSilent(keyed.Process.Output);
    }

    [Fact]
    public async Task S13_Fifty_planted_names_notes_values_and_tokens_are_in_no_log()
    {
        await using var rig = await WorkerRig.StartAsync(
            ("Wearers:0:Id", Canaries.Plant("wearer")),
            ("Broker:Accounts:0:Wearers:0", Canaries.Plant("wearer")),
            ("Broker:Accounts:0:User", Canaries.Plant("account")),
            ("Broker:Accounts:0:Password", Canaries.Plant("password")));
        var t = WorkerRig.Now - 60_000;
        using var it = await RawMqtt.ConnectAsync(
            rig.BrokerPort, Canaries.Plant("account"), Canaries.Plant("account"), Canaries.Plant("password"));
        var device = $"spasmstream/v1/in/{Canaries.Plant("wearer")}/";
        for (var i = 1; i <= 45; i++)
        {
            var plant = Canaries.Plant($"plant-{i}");
            var (topic, payload) = (i % 5) switch
            {
                0 => ($"{plant}/heart-rate", WorkerRig.Bpm(t + i)),
                1 => ("diary/state", $$"""{"v":1,"t":{{t + i}},"stress":3,"note":"{{plant}}"}"""),
                2 => ("watch/heart-rate", $$"""{"v":1,"t":{{t + i}},"bpm":"{{plant}}"}"""),
                3 => ("diary/medication", $$"""{"v":1,"id":"{{plant}}","t":{{t + i}},"name":"{{plant}}"}"""),
                _ => ($"watch/{plant}", plant),
            };
            await it.SendAsync(RawMqtt.Publish(i, device + topic, payload));
            Assert.Equal(i, (await it.ReadPubackAsync()).PacketId);
        }

        await it.SendAsync(RawMqtt.Subscribe(60, $"spasmstream/v1/out/{Canaries.Plant("somebody")}/#"));
        Assert.Equal(0, await rig.Worker.StopAsync());

        AssertSilent(rig.Process.Output);
    }

    [Fact]
    public async Task S35_Health_says_a_word_and_names_nobody()
    {
        await using var rig = await WorkerRig.StartAsync();
        foreach (var path in new[] { "/health/live", "/health/ready" })
        {
            var text = await _http.GetStringAsync(
                new Uri(rig.Page, path), TestContext.Current.CancellationToken);
            Assert.True(text.Length <= 16 && !text.Contains("ada", StringComparison.Ordinal), text);
        }
    }

    static void AssertSilent(string text) =>
        Assert.DoesNotContain(Canaries.Mark, text, StringComparison.OrdinalIgnoreCase);
}
