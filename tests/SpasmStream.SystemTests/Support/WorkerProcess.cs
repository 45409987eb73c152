using System.Net;

namespace SpasmStream.SystemTests.Support;

/// <summary>The built worker as its users start it, with arguments, environment and a folder.</summary>
sealed class WorkerProcess : IAsyncDisposable
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    WorkerProcess(RunningProcess process) => Process = process;

    public RunningProcess Process { get; }

    /// <summary>spasmstream.dll of the same configuration as these tests.</summary>
    public static string Assembly
    {
        get
        {
            // <root>/tests/SpasmStream.SystemTests/bin/<configuration>/<framework>
            var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));
            var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
            var output = Path.Combine(root, "src", "SpasmStream.Worker", "bin", here.Parent.Name, here.Name);
            return Path.Combine(output, "spasmstream.dll");
        }
    }

    /// <summary>Starts it in a folder; relative paths of its settings lie there.</summary>
    public static WorkerProcess Start(
        string folder, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null) =>
        new(new RunningProcess("dotnet", [Assembly, .. arguments], folder, environment));

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

    public ValueTask DisposeAsync() => Process.DisposeAsync();

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
