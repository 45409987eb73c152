using System.Diagnostics;
using Dapper;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Demo;

/// <summary>The README's first command, as a process.</summary>
public sealed class DemoTests
{
    // On two cores it takes about half a minute; a slower machine is no fault of the demo.
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task The_demo_ends_in_an_alert_on_terminal_page_and_outbox_and_leaves_nothing_behind()
    {
        using var folder = new TempFolder();
        var page = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        var began = Stopwatch.StartNew();
        await using var demo = Start(folder, page);

        var line = await demo.Process.WaitForLineAsync("ALERT", _patience);
        Say($"ALERT after {began.Elapsed.TotalSeconds:0.0} s: {line}");
        Assert.StartsWith("ada: ALERT. ", line, StringComparison.Ordinal);
        Assert.StartsWith(
            $"Page: {page.ToString().TrimEnd('/')}", demo.Process.Output, StringComparison.Ordinal);
        using var http = new HttpClient();
        var html = await http.GetStringAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains(
            "igher-than-usual chance of a migraine attack in the next 24 hours",
            html, StringComparison.Ordinal);
        Assert.Contains("experimental", html, StringComparison.OrdinalIgnoreCase);
        var data = Directory.EnumerateDirectories(folder.Path, "spasmstream-demo-*").Single();
        await demo.Process.WaitUntilAsync(
            _ => Task.FromResult(IsDelivered(new StoreFile(data))), "delivered", _patience);

        var simulators = ChildOf(demo.Process.Id);
        began.Restart();
        Assert.Equal(0, await demo.StopAsync(TimeSpan.FromSeconds(20)));
        Say($"Stopped after {began.Elapsed.TotalSeconds:0.0} s");
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(10));
        Assert.False(Directory.Exists(data));
        Assert.False(Directory.Exists($"/proc/{simulators}"), "spasmsim is still running.");
    }

    [Fact]
    public async Task The_calm_demo_raises_nothing_for_anybody_today()
    {
        using var folder = new TempFolder();
        await using var demo = Start(folder, new Uri($"http://127.0.0.1:{FreePort.Next()}"), "--calm");
        foreach (var wearer in (string[])["ada: ", "ben: ", "cleo: "])
            Assert.DoesNotContain("igher-than-usual",
                await demo.Process.WaitForLineAsync(wearer, _patience), StringComparison.Ordinal);
        Assert.DoesNotContain("ALERT", demo.Process.Output, StringComparison.Ordinal);
        Assert.Equal(0, await demo.StopAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_port_in_use_is_one_sentence_and_exit_78()
    {
        using var folder = new TempFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        await using var demo = Start(folder, new Uri($"http://{taken.LocalEndpoint}"));

        Assert.Equal(78, await demo.Process.ExitAsync());
        Assert.Contains("Stop the other program", demo.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", demo.Process.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(folder.Path));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_is_one_sentence_and_exit_78()
    {
        using var folder = new TempFolder();
        // A file stands where the folder should be: that stops root as well.
        var file = folder.Write("file", "");
        await using var demo = WorkerProcess.Start(folder.Path,
            ["demo", "--url", $"http://127.0.0.1:{FreePort.Next()}"],
            new Dictionary<string, string> { ["TMPDIR"] = file });

        Assert.Equal(78, await demo.Process.ExitAsync());
        Assert.Single(demo.Process.Output.Split('\n'));
        Assert.DoesNotContain("   at ", demo.Process.Output, StringComparison.Ordinal);
    }

    static WorkerProcess Start(TempFolder folder, Uri page, params string[] arguments) =>
        WorkerProcess.Start(folder.Path, ["demo", "--url", page.ToString().TrimEnd('/'), .. arguments],
            new Dictionary<string, string> { ["TMPDIR"] = folder.Path });

    static void Say(string text) => TestContext.Current.TestOutputHelper!.WriteLine(text);

    static string ChildOf(int process) => Directory.EnumerateDirectories($"/proc/{process}/task")
        .SelectMany(task => File.ReadAllText(task + "/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Single();

    static bool IsDelivered(StoreFile file)
    {
        using var reader = file.OpenReader();
        return reader.ExecuteScalar<long>("""
            SELECT count(*) FROM outbox JOIN alert ON alert.key=outbox.key WHERE outbox.state='delivered'
            """) > 0;
    }
}
