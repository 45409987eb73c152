using System.Diagnostics;
using System.Globalization;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// The simulated wearers of the demo: a child process that talks to us over MQTT and in no other way.
/// </summary>
sealed class DemoWearers : IDisposable
{
    readonly Process _process;
    bool _stopped;

    DemoWearers(Process process) => _process = process;

    /// <summary>
    /// Whether they ended with a failure; Ctrl+C on the terminal ends them as it ends us, with none.
    /// </summary>
    public bool HasFailed => !_stopped && _process is { HasExited: true, ExitCode: not 0 };

    /// <summary>What our own exit code has to say of them.</summary>
    public int ExitCode => HasFailed ? Commands.ExitCode.Internal : Commands.ExitCode.Clean;

    public static DemoWearers Start(DemoWish wish, int port, string password, string zone, string[] wearers)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "spasmsim", "spasmsim.dll");
        if (!File.Exists(program))
            throw new SetupException(
                $"The simulated wearers are not beside the worker ({program}); build the solution.");
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } host && IsDotnet(host) ? host : "dotnet");
        foreach (var argument in (string[])[program, "run", "--host", "127.0.0.1", "--port", Text(port),
            "--user", "demo", "--wearers", string.Join(',', wearers), "--zone", zone,
            "--seed", Text(wish.Seed),
            "--days", Text(wish.Days), "--last-day", wish.Calm ? "usual" : "short-night"])
            start.ArgumentList.Add(argument);
        start.Environment["SPASMSIM_PASSWORD"] = password;
        return new DemoWearers(Process.Start(start)!);
    }

    /// <summary>Ends them and waits until they are gone.</summary>
    public void Stop()
    {
        _stopped = !_process.HasExited || _stopped;
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Stop();
        _process.Dispose();
    }

    static bool IsDotnet(string path) => Path.GetFileNameWithoutExtension(path) == "dotnet";

    static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
