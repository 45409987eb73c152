using System.Net;

namespace SpasmStream.SystemTests.Support;

/// <summary>The built worker as its users start it, with arguments, environment and a folder.</summary>
sealed class WorkerProcess : IAsyncDisposable
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    WorkerProcess(RunningProcess process) => Process = process;

    public RunningProcess Process { get; }

    /// <summary>spasmstream.dll of the same configuration as these tests.</summary>
    public static string Assembly => AssemblyOf(Here.Parent!.Name);

    /// <summary>
    /// spasmstream.dll with failpoints, which tests/run builds besides; skips or fails the running test
    /// without it.
    /// </summary>
    public static string FailpointAssembly => AssemblyOf("Failpoints") is var path && File.Exists(path)
        ? path : Servers.Lack(path, "dotnet build src/SpasmStream.Worker -c Failpoints (tests/run does it)");

    // <root>/tests/SpasmStream.SystemTests/bin/<configuration>/<framework>
    static DirectoryInfo Here => new(AppContext.BaseDirectory.TrimEnd('/'));

    /// <summary>
    /// Starts it in a folder; relative paths of its settings lie there. With failpoints it is the build that
    /// has them, and another program may be put in front of it.
    /// </summary>
    public static WorkerProcess Start(
        string folder, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? failpoints = null, params string[] inFront)
    {
        var all = new Dictionary<string, string>(environment ?? new Dictionary<string, string>());
        if (failpoints is not null)
            all["SPASMSTREAM_FAILPOINTS"] = failpoints;
        var assembly = failpoints is null ? Assembly : FailpointAssembly;
        string[] command = [.. inFront, "dotnet", assembly, .. arguments];
        return new(new RunningProcess(command[0], command[1..], folder, all));
    }

    /// <summary>Until <c>/health/ready</c> of the page says 200.</summary>
    public Task WaitUntilReadyAsync(Uri page, TimeSpan? within = null) =>
        Process.WaitUntilAsync(stop => IsReadyAsync(page, stop), "ready", within);

    /// <summary>kill -9, and gone.</summary>
    public async Task KillAsync()
    {
        Process.Send(Signal.Kill);
        await Process.ExitAsync();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> StopAsync(TimeSpan? within = null)
    {
        Process.Send(Signal.Terminate);
        return Process.ExitAsync(within);
    }

    /// <summary>Its end, and the end of its test when its log held what no log may.</summary>
    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        Canaries.AssertSilent(Process.Output);
    }

    /// <summary>What a build of that configuration left, whether it is there or not.</summary>
    public static string AssemblyOf(string configuration) => Path.Combine(
        Here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, "src", "SpasmStream.Worker", "bin",
        configuration, Here.Name, "spasmstream.dll");

    static async Task<bool> IsReadyAsync(Uri page, CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(page, "/health/ready"), stop);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
