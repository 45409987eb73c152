using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace SpasmStream.SystemTests.Support;

/// <summary>What a process can be told.</summary>
enum Signal
{
    Reload = 1,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>A process of ours: what it printed, how it ended, signals by its own id.</summary>
sealed class RunningProcess : IAsyncDisposable
{
    static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan _lastWords = TimeSpan.FromSeconds(2);

    readonly Process _process;
    readonly Task _ended;

    // Written by the two readers of its output, read by the test: guarded by _gate.
    readonly Lock _gate = new();
    readonly List<string> _lines = [];
    TaskCompletionSource _grown = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RunningProcess(
        string program, IEnumerable<string> arguments, string folder,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var exited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _process.Exited += (_, _) => exited.TrySetResult();
        _process.Start();
        _ended = EndAsync(exited.Task,
            Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError)));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything printed so far, both streams in order of arrival.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
                return string.Join('\n', _lines);
        }
    }

    /// <summary>Resident memory now, from the kernel.</summary>
    public double ResidentMiB => StatusKiB("VmRSS:") / 1024;

    /// <summary>Resident memory that belongs to no file, from the kernel.</summary>
    public double AnonymousMiB => StatusKiB("RssAnon:") / 1024;

    /// <summary>Threads it has now, from the kernel.</summary>
    public int Threads => (int)Status("Threads:");

    /// <summary>Files, sockets and pipes it has open now, from the kernel.</summary>
    public int Handles => Directory.GetFileSystemEntries($"/proc/{Id}/fd").Length;

    /// <summary>The first line, past or to come, that holds the text.</summary>
    public async Task<string> WaitForLineAsync(string text, TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? _patience);
        for (var read = 0; ; )
        {
            // Asked before looking: a process that had ended then has nothing more to say.
            var ended = _ended.IsCompleted;
            Task grown;
            lock (_gate)
            {
                for (; read < _lines.Count; read++)
                    if (_lines[read].Contains(text, StringComparison.Ordinal))
                        return _lines[read];
                grown = _grown.Task;
            }
            if (ended || patience.IsCancellationRequested)
                throw new TimeoutException($"No line with '{text}' from {Name}. It printed:\n{Output}");
            await Task.WhenAny(grown, _ended, Task.Delay(Timeout.Infinite, patience.Token));
        }
    }

    /// <summary>Polls until something holds; fails when the process ends or time is up.</summary>
    public async Task WaitUntilAsync(
        Func<CancellationToken, Task<bool>> holds, string what, TimeSpan? within = null)
    {
        using var patience = new CancellationTokenSource(within ?? _patience);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!await holds(patience.Token))
            {
                if (_process.HasExited)
                    throw new InvalidOperationException(
                        $"{Name} ended with {_process.ExitCode} before {what}. It printed:\n{Output}");
                await poll.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{Name}: not {what} in time. It printed:\n{Output}");
        }
    }

    public void Send(Signal signal)
    {
        // Between the question and the signal it may have ended by itself.
        if (!_process.HasExited && Native.Kill(_process.Id, (int)signal) != 0 && !_process.WaitForExit(1000))
            throw new InvalidOperationException($"Could not send {signal} to {Name}.");
    }

    /// <summary>Says a line to it, the last one.</summary>
    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        _process.StandardInput.Close();
    }

    /// <summary>Waits for the end and all output; the exit code, 128 + signal when killed.</summary>
    public async Task<int> ExitAsync(TimeSpan? within = null)
    {
        try
        {
            await _ended.WaitAsync(within ?? _patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{Name} did not end in time. It printed:\n{Output}");
        }
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await ExitAsync();
        _process.Dispose();
    }

    string Name => $"{Path.GetFileName(_process.StartInfo.FileName)} ({_process.Id})";

    double StatusKiB(string field) => Status(field);

    double Status(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status")
            .First(it => it.StartsWith(field, StringComparison.Ordinal));
        return double.Parse(line[field.Length..].Replace("kB", ""), CultureInfo.InvariantCulture);
    }

    /// <summary>A child of it may hold its pipes open, so the end does not wait for them for ever.</summary>
    static async Task EndAsync(Task exited, Task output)
    {
        await exited;
        await Task.WhenAny(output, Task.Delay(_lastWords));
    }

    async Task ReadAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            TaskCompletionSource grown;
            lock (_gate)
            {
                _lines.Add(line);
                (grown, _grown) = (_grown, new(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            grown.SetResult();
        }
    }

    static class Native
    {
        [DllImport("libc", EntryPoint = "kill")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        public static extern int Kill(int processId, int signal);
    }
}
