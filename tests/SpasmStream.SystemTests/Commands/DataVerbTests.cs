using System.Text.Json;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Commands;

/// <summary>The verbs that move data, as an operator calls them, beside and between real workers.</summary>
public sealed class DataVerbTests
{
    [Fact]
    public async Task S27_An_erased_wearer_who_sends_again_is_refused_and_nothing_of_them_is_in_any_file()
    {
        await using var rig = await WorkerRig.StartAsync();
        var old = WorkerRig.Bpm(WorkerRig.Now - 5000, 61.25);
        using (var ada = await rig.AdaAsync())
            await SendAsync(rig, ada, old, expected: 0);
        var pseudonym = rig.Text("SELECT pseudonym FROM wearer WHERE name='ada'")!;
        Assert.Equal(78, (await rig.VerbAsync("erase", "ada", "--yes")).Code);
        Assert.Equal(0, await rig.Worker.StopAsync());

        var (code, output) = await rig.VerbAsync("erase", "ada", "--yes", "--json");
        Assert.True(code == 0, output);
        Assert.Contains("\"store\":\"sample\",\"state\":\"erased\",\"rows\":1", output,
            StringComparison.Ordinal);
        await rig.StartAgainAsync();
        using (var ada = await rig.AdaAsync())
            await SendAsync(rig, ada, old, expected: 0x87);
        Assert.Equal((1, 0), (rig.Counter("MessagesErased"), rig.Count("SELECT count(*) FROM dead_letter")));
        Assert.Equal(0, await rig.Worker.StopAsync());

        // The account stands in the configuration, and the log says what it tried since.
        Assert.All(new LeftOverSearch("/ada/", "\"ada\"").In(rig.Folder),
            it => Assert.Equal("security-events.ndjson", it.File));
        Assert.All(new LeftOverSearch(pseudonym).In(rig.Folder),
            it => Assert.Equal("security-events.ndjson", it.File));
        Assert.Equal("bob", rig.Text("SELECT group_concat(name) FROM wearer"));
    }

    [Fact]
    public async Task S30_A_backup_under_load_has_all_that_was_acknowledged_before_it_began()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var load = await Publishers.StartAsync(rig.BrokerPort, ("ada", "a"));
        await rig.Process.WaitUntilAsync(
            _ => Task.FromResult(load.Acknowledged.Count > 200), "under load", TimeSpan.FromMinutes(1));

        var before = load.Acknowledged.ToList();
        var (code, output) = await rig.VerbAsync("backup", "--to", "copy", "--json");
        Assert.True(code == 0, output);
        Assert.True(load.Acknowledged.Count > before.Count, "The load stood still.");
        await load.StopAsync();
        await using var other = WorkerRig.Make();
        (code, output) = await other.VerbAsync("restore", rig.At("copy"), "--json");
        Assert.True(code == 0, output);

        var restored = other.Column("SELECT t FROM sample");
        Assert.Empty(before.Except(restored));
        Assert.Empty(restored.Except(rig.Column("SELECT t FROM sample")));
        await other.StartAgainAsync();
        Assert.Equal(0, await other.Worker.StopAsync());
    }

    [Fact]
    public async Task F37_A_worker_over_a_damaged_file_goes_on_with_a_new_one_and_recover_saves_the_old()
    {
        await using var rig = await WorkerRig.StartAsync();
        using (var load = await Publishers.StartAsync(rig.BrokerPort, ("ada", "a")))
        {
            await rig.Process.WaitUntilAsync(
                _ => Task.FromResult(load.Acknowledged.Count > 300), "under load", TimeSpan.FromMinutes(1));
            // A log that is left would heal the header; a clean end leaves none.
            await load.StopAsync();
            Assert.Equal(0, await rig.Worker.StopAsync());
            FlipHeader(rig.File.Path);

            await rig.StartAgainAsync();
            await rig.Process.WaitForLineAsync("The store was damaged");
            Assert.Equal(1, rig.Count("SELECT count(*) FROM gap WHERE cause='store_quarantined'"));
            using (var ada = await rig.AdaAsync())
                await SendAsync(rig, ada, WorkerRig.Bpm(WorkerRig.Now - 1000), expected: 0);
            Assert.Equal(0, await rig.Worker.StopAsync());

            var aside = Assert.Single(Directory.GetFiles(rig.Folder, "*.corrupt-*Z"));
            var (code, output) = await rig.VerbAsync("recover", aside, "--into", "saved", "--json");
            Assert.True(code == 0, output);
            using var reader = new StoreFile(rig.At("saved")).OpenReader();
            using var command = reader.CreateCommand();
            command.CommandText = "SELECT t FROM sample";
            using var row = command.ExecuteReader();
            var saved = new HashSet<long>();
            while (row.Read())
                saved.Add(row.GetInt64(0));
            Assert.Empty(load.Acknowledged.Except(saved));
        }
    }

    [Fact]
    public async Task S26_Everything_of_a_wearer_is_exported_beside_a_worker_that_runs()
    {
        await using var rig = await WorkerRig.StartAsync();
        using (var ada = await rig.AdaAsync())
            await SendAsync(rig, ada, WorkerRig.Bpm(WorkerRig.Now - 1000), expected: 0);

        var (code, output) = await rig.VerbAsync("export", "--wearer", "ada", "--to", "everything", "--json");

        Assert.True(code == 0, output);
        using var manifest = JsonDocument.Parse(output);
        Assert.Equal("ada", manifest.RootElement.GetProperty("wearer").GetString());
        Assert.Single(await File.ReadAllLinesAsync(
            rig.At("everything/messages.ndjson"), TestContext.Current.CancellationToken));
        Assert.Equal(64, (await rig.VerbAsync("export", "--wearer", "ada", "--to", "everything")).Code);
    }

    [Fact]
    public async Task S27_What_another_broker_retains_of_an_erased_wearer_is_cleared()
    {
        var ofDevice = string.Join('/', WorkerRig.Topic.Split('/')[..5]);
        string[] retained = ["spasmstream/v1/out/ada/risk", $"{ofDevice}/status"];
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = await WorkerRig.StartAsync(broker.Port);
        using (var device = await RawMqtt.ConnectAsync(broker.Port))
        {
            await device.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now - 1000)));
            foreach (var topic in retained)
                await device.SendAsync(RawMqtt.PublishOnce(topic, "{}", retain: true));
            await device.ReadPubackAsync();
        }

        await rig.UntilSamplesAsync(1);
        Assert.Equal(0, await rig.Worker.StopAsync());

        var (code, output) = await rig.VerbAsync("erase", "ada", "--yes", "--json");

        Assert.True(code == 0, output);
        Assert.Contains("\"store\":\"retained topics\",\"state\":\"erased\",\"rows\":2", output,
            StringComparison.Ordinal);
        Assert.Contains("cleared risk, ", output, StringComparison.Ordinal);
    }

    static async Task SendAsync(WorkerRig rig, RawMqtt device, string message, int expected)
    {
        await device.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, message));
        Assert.Equal(new Puback(1, expected), await device.ReadPubackAsync());
        Assert.False(rig.Process.HasExited);
    }

    static void FlipHeader(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Write("no database is here"u8);
    }
}
