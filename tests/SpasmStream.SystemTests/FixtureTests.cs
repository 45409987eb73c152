using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests;

/// <summary>The fixtures themselves: a red test elsewhere is not their fault.</summary>
public sealed class FixtureTests
{
    [Fact]
    public async Task A_probe_knows_what_the_broker_acknowledged_and_receives_it()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var listener = await MqttProbe.ConnectAsync(broker.Port, "listener");
        await listener.SubscribeAsync("a/#");
        await using var probe = await MqttProbe.ConnectAsync(broker.Port);

        Assert.True(await probe.PublishAsync("1", "a/b", "x"));
        Assert.Equal(new Received("a/b", "x", false), await listener.NextAsync());

        await broker.KillAsync();
        Assert.False(await probe.PublishAsync("2", "a/b", "y"));
        Assert.Equal(["1", "2"], probe.Sent);
        Assert.Equal(["1"], probe.Acknowledged);
    }

    [Fact]
    public async Task A_broker_comes_back_on_its_port_with_what_it_had_saved()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using (var probe = await MqttProbe.ConnectAsync(broker.Port))
            await probe.PublishAsync("1", "a", "kept");
        var first = broker.Process.Id;

        await broker.StopAsync();
        Assert.False(FreePort.IsOwnedBy(Environment.ProcessId, broker.Port));
        await broker.StartAgainAsync();

        Assert.NotEqual(first, broker.Process.Id);
        Assert.True(FreePort.IsOwnedBy(broker.Process.Id, broker.Port));
        Assert.True(File.Exists(broker.At("mosquitto.db")));
    }

    [Fact]
    public async Task A_frozen_broker_answers_when_it_goes_on()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        using var client = await RawMqtt.ConnectAsync(broker.Port);

        broker.Process.Send(Signal.Stop);
        await client.SendAsync(RawMqtt.Publish(7, "a", "x"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.ReadAsync(TimeSpan.FromMilliseconds(200)));
        broker.Process.Send(Signal.Continue);

        using var again = await RawMqtt.ConnectAsync(broker.Port, "again");
    }

    [Fact]
    public async Task A_raw_client_reads_pubacks_in_the_order_of_the_bytes()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        using var client = await RawMqtt.ConnectAsync(broker.Port);
        var ids = Enumerable.Range(1, 50).ToList();

        await client.SendAsync(ids.SelectMany(id => RawMqtt.Publish(id, "a/b", $"{id}")).ToArray());

        var answers = new List<int>();
        foreach (var _ in ids)
            answers.Add((await client.ReadPubackAsync()).PacketId);
        Assert.Equal(ids, answers);
        await client.SendAsync(RawMqtt.Frame(0xF7, [1, 2, 3]));
        Assert.True(await client.ReadAsync() is null or { Type: RawMqtt.DisconnectType });
    }

    [Fact]
    public async Task The_sample_configuration_keeps_devices_to_their_wearer()
    {
        Dictionary<string, string> passwords = new() { ["anna"] = "a", ["ben"] = "b", ["spasmstream"] = "s" };
        await using var broker = await MosquittoBroker.StartAsync(async it => ForTest(it,
            await File.ReadAllTextAsync(Sample("mosquitto.conf")), await it.WritePasswordsAsync(passwords)));
        await using var worker = await MqttProbe.ConnectAsync(broker.Port, "w", "spasmstream", "s");
        await worker.SubscribeAsync("spasmstream/v1/in/#");
        await using var ben = await MqttProbe.ConnectAsync(broker.Port, "ben:phone", "ben", "b");
        await using var anna = await MqttProbe.ConnectAsync(broker.Port, "anna:watch", "anna", "a");
        using var nobody = await RawMqtt.OpenAsync(broker.Port);

        Assert.False(await ben.PublishAsync("1", "spasmstream/v1/in/anna/watch/heart-rate", "forged"));
        Assert.True(await anna.PublishAsync("2", "spasmstream/v1/in/anna/watch/heart-rate", "real"));

        Assert.Equal("real", (await worker.NextAsync()).Payload);
        Assert.Equal(0x87, (int)Assert.Single(ben.Refused).Value);
        Assert.Equal(0x87, await nobody.SignInAsync("nobody"));
    }

    [Fact]
    public async Task A_worker_that_is_started_is_seen_to_end()
    {
        using var folder = new TempFolder();
        await using var worker = WorkerProcess.Start(folder.Path, ["--help"]);

        Assert.Equal(0, await worker.Process.ExitAsync());
        Assert.Contains("spasmstream", worker.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_that_never_comes_is_reported_with_what_came()
    {
        using var folder = new TempFolder();
        // It holds 16 MiB: the kernel counts pages by the batch, so a small process may seem to have none.
        const string held = "held=$(head -c 16777216 /dev/zero | tr '\\0' x); ";
        string[] script = ["-c", held + "echo one; echo two >&2; read line"];
        await using var process = new RunningProcess("sh", script, folder.Path);

        Assert.Equal("two", await process.WaitForLineAsync("tw"));
        Assert.InRange(process.ResidentMiB, 12, 200);
        Assert.Equal("one", await process.WaitForLineAsync("on"));
        var failure = await Assert.ThrowsAsync<TimeoutException>(
            () => process.WaitForLineAsync("three", TimeSpan.FromMilliseconds(100)));
        Assert.Contains("two", failure.Message, StringComparison.Ordinal);
        process.Send(Signal.Terminate);
        Assert.Equal(143, await process.ExitAsync());
    }

    [Fact]
    public async Task A_child_that_outlives_its_parent_does_not_hold_the_test()
    {
        using var folder = new TempFolder();
        string[] script = ["-c", "sleep 20 & echo started; wait"];
        await using var process = new RunningProcess("sh", script, folder.Path);
        await process.WaitForLineAsync("started");

        process.Send(Signal.Kill);

        Assert.Equal(137, await process.ExitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_missing_server_is_a_skip_here_and_a_failure_under_the_test_command()
    {
        // Not Record.Exception: that one lets a skip through, and this test would be skipped itself.
        var said = "";
        try
        {
            Servers.Require("no-such-server");
        }
        catch (Exception fault)
        {
            said = fault.Message;
        }

        var isSkip = said.StartsWith("$XunitDynamicSkip$", StringComparison.Ordinal);
        Assert.NotEqual(Environment.GetEnvironmentVariable("SPASMSTREAM_REQUIRE_SERVERS") == "1", isSkip);
        Assert.Contains("no-such-server is not installed", said, StringComparison.Ordinal);
    }

    /// <summary>The sample as shipped, with this test's port and folder in place of the machine's.</summary>
    static string ForTest(MosquittoBroker broker, string sample, string passwords)
    {
        var acl = broker.Write("acl", File.ReadAllText(Sample("mosquitto.acl")));
        Dictionary<string, string> ours = new()
        {
            ["listener 1883 127.0.0.1"] = $"listener {broker.Port} 127.0.0.1\nuser root",
            ["/var/lib/mosquitto/"] = broker.At("") + "/",
            ["/etc/mosquitto/spasmstream.passwords\n"] = passwords + "\n",
            ["/etc/mosquitto/spasmstream.acl\n"] = acl + "\n",
        };
        foreach (var (shipped, here) in ours)
        {
            Assert.Contains(shipped, sample, StringComparison.Ordinal);
            sample = sample.Replace(shipped, here, StringComparison.Ordinal);
        }
        return sample;
    }

    static string Sample(string name)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "deploy", name) is var path && File.Exists(path))
                return path;
        throw new FileNotFoundException($"No deploy/{name} above the tests.");
    }
}
