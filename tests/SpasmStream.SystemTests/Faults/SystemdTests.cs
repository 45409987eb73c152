using System.Net.Sockets;
using System.Text;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>What the service manager hears of us, by the protocol of sd_notify.</summary>
public sealed class SystemdTests
{
    [Fact]
    public async Task D17_Systemd_hears_that_we_are_ready_that_we_live_and_that_we_stop()
    {
        using var folder = new TempFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(folder.At("notify")));
        await using var rig = Under(folder);
        await rig.StartAgainAsync();

        Assert.Equal("READY=1", await NextAsync(manager));
        for (var i = 0; i < 3; i++)
            Assert.Equal("WATCHDOG=1", await NextAsync(manager));

        foreach (var child in Children(rig.Process.Id))
            Kill(child);
        string said;
        do
            said = await NextAsync(manager);
        while (said == "WATCHDOG=1");
        Assert.Equal("STOPPING=1", said);
        Assert.Equal(0, await rig.Process.ExitAsync());
    }

    [NightlyFact]
    public async Task F45_Of_a_worker_with_a_loop_that_stands_still_systemd_hears_no_more()
    {
        using var folder = new TempFolder();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(folder.At("notify")));
        await using var rig = Under(folder);
        rig.Failpoints = "loop_gaps=delay:600000@3";
        await rig.StartAgainAsync();
        using var told = new CancellationTokenSource();
        var hearing = HearAsync(manager, told.Token);
        await rig.Process.WaitForLineAsync("The loop 'gaps' stands still", TimeSpan.FromSeconds(60));
        await told.CancelAsync();
        await hearing;

        while (manager.Available > 0)
            await NextAsync(manager);

        await Assert.ThrowsAsync<OperationCanceledException>(() => NextAsync(manager, seconds: 5));
    }

    [Fact]
    public void D11_The_unit_starts_us_again_after_a_fault_and_never_after_a_wrong_setting()
    {
        var root = new DirectoryInfo(WorkerProcess.AssemblyOf("Debug"));
        while (!File.Exists(Path.Combine(root.FullName, "SpasmStream.sln")))
            root = root.Parent!;
        var unit = File.ReadAllLines(Path.Combine(root.FullName, "deploy", "spasmstream.service"));

        string[] wanted = ["Type=notify", "Restart=always", "RestartSec=2", "TimeoutStopSec=20",
            "RestartPreventExitStatus=64 78", "WatchdogSec=30"];
        Assert.All(wanted, line => Assert.Contains(line, unit));
    }

    // The host asks whether its parent is called systemd.
    static WorkerRig Under(TempFolder folder)
    {
        var systemd = folder.At("systemd");
        File.CreateSymbolicLink(systemd, "/bin/sh");
        var rig = WorkerRig.Make();
        rig.InFront = ["env", $"NOTIFY_SOCKET={folder.At("notify")}", systemd, "-c",
            """trap '' TERM; "$@" & wait $!""", "systemd"];
        return rig;
    }

    static async Task<string> NextAsync(Socket manager, int seconds = 30)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        var bytes = new byte[256];
        var length = await manager.ReceiveAsync(bytes.AsMemory(), patience.Token);
        return Encoding.ASCII.GetString(bytes, 0, length);
    }

    // A manager that does not listen holds up whoever tells it, after ten words.
    static async Task HearAsync(Socket manager, CancellationToken until)
    {
        var bytes = new byte[256];
        try
        {
            while (true)
                await manager.ReceiveAsync(bytes.AsMemory(), until);
        }
        catch (OperationCanceledException)
        {
            // Heard enough.
        }
    }

    static int[] Children(int process) => [.. File.ReadAllText($"/proc/{process}/task/{process}/children")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    static void Kill(int process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", $"-TERM {process}");
        kill.WaitForExit();
    }
}
