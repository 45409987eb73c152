using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// The worker is killed by the kernel between two pages that it writes from the log back into the store file.
/// </summary>
public sealed class KillCheckpointTests
{
    const int Killed = 137;
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Fact]
    public Task F30_Killed_in_the_middle_of_writing_the_log_back_nothing_acknowledged_is_lost() =>
        KillAsync(kills: 2);

    [NightlyFact]
    public Task F30_Killed_25_times_in_the_middle_of_writing_the_log_back() => KillAsync(kills: 25);

    static async Task KillAsync(int kills)
    {
        var random = new Random(kills);
        await using var rig = await WorkerRig.StartAsync();
        Assert.Equal(0, await rig.Worker.StopAsync());
        await using var load = SteadyLoad.Start(rig);
        for (var kill = 0; kill < kills; kill++)
        {
            // Once the file is made, nothing but this writes into it: commits go into the log beside it.
            rig.InFront = [Servers.Require("strace"), "-D", "-f", "-q", "-o", "/dev/null",
                "-P", rig.File.Path, "-e", "trace=pwrite64",
                "-e", $"inject=pwrite64:signal=SIGKILL:when={random.Next(1, 60)}"];
            await rig.StartAgainAsync(ready: false);
            Assert.Equal(Killed, await rig.Process.ExitAsync(_patience));
            Assert.True(new FileInfo(rig.File.Path + "-wal").Length > 0);
        }

        rig.InFront = [];
        await rig.StartAgainAsync();
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        Assert.Equal(0, await rig.Worker.StopAsync());
        load.AssertClean(rig);
        Assert.Empty(rig.File.Faults(quick: false));
    }
}
