using System.Text.Json;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

public sealed class ImportTests
{
    [Fact]
    public async Task Ctrl_C_leaves_whole_batches_and_the_rest_is_taken_by_importing_again()
    {
        await using var rig = WorkerRig.Make();
        using var folder = new TempFolder();
        var (file, t) = (folder.At("in.ndjson"), WorkerRig.Now - 400_000_000);
        await using (var lines = new StreamWriter(file))
            for (var i = 0; i < 300_000; i++)
                await lines.WriteLineAsync(
                    $$"""{"topic":"{{WorkerRig.Topic}}","received":"2026-03-08T00:00:00Z",""" +
                    $$""" "payload":{{WorkerRig.Bpm(t + i * 1000)}}}""");

        await using (var import = rig.StartVerb("import", file, "--json"))
        {
            await import.Process.WaitUntilAsync(_ => Task.FromResult(
                File.Exists(rig.File.Path) && new FileInfo(rig.File.Path + "-wal") is
                    { Exists: true, Length: > 200_000 }), "committing");
            import.Process.Send(Signal.Interrupt);

            Assert.Equal(130, await import.Process.ExitAsync());
            using var told = JsonDocument.Parse(import.Process.Output);
            Assert.True(told.RootElement.GetProperty("stopped").GetBoolean());
            Assert.Equal(told.RootElement.GetProperty("messages").GetInt64(),
                rig.Count("SELECT count(*) FROM sample"));
        }

        Assert.InRange(rig.Count("SELECT count(*) FROM sample"), 1, 299_999);
        await using var again = rig.StartVerb("import", file, "--json");
        Assert.Equal(0, await again.Process.ExitAsync(TimeSpan.FromMinutes(1)));
        Assert.Equal(300_000, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal("ok", rig.Text("PRAGMA integrity_check"));
    }

    [Fact]
    public async Task D1_A_running_worker_refuses_an_import_and_allows_a_dry_run()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var folder = new TempFolder();
        var file = folder.Write("in.ndjson", "");

        await using var import = rig.StartVerb("import", file);
        Assert.Equal(78, await import.Process.ExitAsync());
        await using var dry = rig.StartVerb("import", file, "--dry-run");
        Assert.Equal(0, await dry.Process.ExitAsync());
    }
}
