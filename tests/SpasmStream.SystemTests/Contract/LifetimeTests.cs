using System.Security.Cryptography;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

public sealed class LifetimeTests
{
    static readonly TimeSpan _tenSeconds = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task D10_A_stop_under_load_is_clean_and_loses_nothing_acknowledged()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var load = await Publishers.StartAsync(rig.BrokerPort, ("ada", "a"));
        await rig.Process.WaitUntilAsync(_ =>
            Task.FromResult(load.Acknowledged.Count >= 100), "100 acknowledged");

        Assert.Equal(0, await rig.Worker.StopAsync(_tenSeconds));
        await load.StopAsync();
        await rig.StartAgainAsync();

        load.AssertKept(rig);
    }

    [Fact]
    public async Task D10_A_stop_with_the_file_locked_takes_ten_seconds_at_most_and_acknowledges_nothing()
    {
        await using var rig = await WorkerRig.StartAsync(("Broker:CommitSeconds", "60"));
        using var ada = await rig.AdaAsync();
        using var file = rig.Lock();
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        await rig.Process.WaitForLineAsync("cannot commit");

        Assert.Equal(0, await rig.Worker.StopAsync(_tenSeconds));

        for (var packet = await ada.ReadAsync(); packet is not null; packet = await ada.ReadAsync())
            Assert.NotEqual(RawMqtt.PubackType, packet.Type);
    }

    [Fact]
    public async Task D10_The_session_is_kept_over_a_stop_and_what_was_sent_meanwhile_is_stored()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        Assert.Equal(0, await rig.Worker.StopAsync(_tenSeconds));
        await using var probe = await MqttProbe.ConnectAsync(broker.Port);
        var start = WorkerRig.Now - 100_000;
        for (var i = 0; i < 20; i++)
            Assert.True(await probe.PublishAsync($"{i}", WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000)));

        await rig.StartAgainAsync();

        Assert.Contains("True", await rig.Process.WaitForLineAsync("had kept our session"),
            StringComparison.Ordinal);
        await rig.UntilSamplesAsync(20);
        Assert.Equal(20, rig.Counter("MessagesReceived"));
    }

    [Fact]
    public async Task D11_Bad_arguments_are_64()
    {
        using var folder = new TempFolder();
        await using var worker = WorkerProcess.Start(folder.Path, ["run", "--loudly"]);

        Assert.Equal(64, await worker.Process.ExitAsync());
    }

    [Fact]
    public async Task B46_A_bad_configuration_is_78_with_a_line_for_every_fault_and_nothing_made()
    {
        await using var rig = WorkerRig.Make(("Mqtt:Hsot", "x"), ("Store:Dir", "y"));
        await rig.StartAgainAsync(ready: false);

        Assert.Equal(78, await rig.Process.ExitAsync());
        Assert.Contains("Mqtt:Hsot", rig.Process.Output, StringComparison.Ordinal);
        Assert.Contains("Store:Dir", rig.Process.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Folder));
    }

    [Fact]
    public async Task D11_A_port_in_use_is_78_for_the_broker_and_for_the_page()
    {
        await using var first = await WorkerRig.StartAsync();
        await using var broker = WorkerRig.Make(("Broker:Port", $"{first.BrokerPort}"));
        await broker.StartAgainAsync(ready: false);
        Assert.Equal(78, await broker.Process.ExitAsync());
        Assert.Contains($"{first.BrokerPort}", broker.Process.Output, StringComparison.Ordinal);

        await using var page = WorkerRig.Make(("Web:Url", first.Page.ToString().TrimEnd('/')));
        await page.StartAgainAsync(ready: false);
        Assert.Equal(78, await page.Process.ExitAsync());
        Assert.Contains("Web:Url", page.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F12_D11_A_folder_that_another_worker_uses_is_78()
    {
        await using var first = await WorkerRig.StartAsync();
        await using var second = WorkerRig.Make(("Store:Directory", first.Folder));
        await second.StartAgainAsync(ready: false);

        Assert.Equal(78, await second.Process.ExitAsync());
        Assert.Contains("A worker (process ", second.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D11_A_folder_that_cannot_be_is_78()
    {
        using var folder = new TempFolder();
        // A file stands where a folder is needed: unlike a missing right, this stops root as well.
        await using var rig = WorkerRig.Make(("Store:Directory", folder.Write("file", "") + "/data"));
        await rig.StartAgainAsync(ready: false);

        Assert.Equal(78, await rig.Process.ExitAsync());
        Assert.Contains("Store:Directory", rig.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PRAGMA application_id=7")]
    [InlineData("PRAGMA user_version=99")]
    public async Task F60_D1_A_foreign_or_newer_file_is_78_and_untouched(string mark)
    {
        await using var rig = await WorkerRig.StartAsync();
        await rig.Worker.StopAsync(_tenSeconds);
        rig.Write(mark);
        var stop = TestContext.Current.CancellationToken;
        var before = SHA256.HashData(await File.ReadAllBytesAsync(rig.File.Path, stop));

        await rig.StartAgainAsync(ready: false);

        Assert.Equal(78, await rig.Process.ExitAsync());
        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(rig.File.Path, stop)));
    }

    [Fact]
    public async Task D11_A_fault_in_a_loop_is_70()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        rig.Write("DROP TABLE dirty");

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));

        Assert.Equal(70, await rig.Process.ExitAsync(_tenSeconds));
        for (var packet = await ada.ReadAsync(); packet is not null; packet = await ada.ReadAsync())
            Assert.NotEqual(RawMqtt.PubackType, packet.Type);
    }

    [Fact]
    public async Task F35_A_file_locked_for_long_ends_no_loop()
    {
        await using var rig = await WorkerRig.StartAsync(("Broker:CommitSeconds", "60"));
        using var ada = await rig.AdaAsync();
        using (rig.Lock())
        {
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            await rig.Process.WaitForLineAsync("Attempt 2");
        }

        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(0, await rig.Worker.StopAsync(_tenSeconds));
    }

    [Fact]
    public async Task M6_What_goes_out_has_its_own_client_and_says_online_and_after_a_kill_offline()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var probe = await MqttProbe.ConnectAsync(broker.Port);
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        await broker.Process.WaitForLineAsync("as spasmstream-out");
        await probe.SubscribeAsync("spasmstream/v1/out/worker/status");

        Assert.Equal("online", (await probe.NextAsync()).Payload);
        await rig.Worker.KillAsync();
        Assert.Equal("offline", (await probe.NextAsync()).Payload);
        await using var later = await MqttProbe.ConnectAsync(broker.Port, "later");
        await later.SubscribeAsync("spasmstream/v1/out/worker/status");
        Assert.Equal(new Received("spasmstream/v1/out/worker/status", "offline", true),
            await later.NextAsync());
    }
}
