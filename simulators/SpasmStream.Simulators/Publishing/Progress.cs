using Spectre.Console;

namespace SpasmStream.Simulators.Publishing;

/// <summary>Shows how far we are on standard error: a bar on a terminal, else a line each tenth.</summary>
sealed class Progress(string what)
{
    readonly Lock _lock = new();
    ProgressTask? _bar;
    double _fraction;
    int _tenths;

    /// <summary>Runs the work while the bar stands.</summary>
    public async Task RunAsync(bool isQuiet, Func<Task> work)
    {
        if (isQuiet || Console.IsErrorRedirected)
        {
            _tenths = isQuiet ? int.MaxValue : 0;
            await work();
            return;
        }
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().StartAsync(async context =>
        {
            _bar = context.AddTask(what, maxValue: 1);
            await work();
            _bar.Value = 1;
        });
    }

    /// <summary>Adds to the share that is done; the whole is 1.</summary>
    public void Add(double share)
    {
        lock (_lock)
        {
            _fraction += share;
            if (_bar is not null)
                _bar.Value = _fraction;
            else if (_tenths < 10 && _fraction >= (_tenths + 1) / 10.0 - 1e-9)
            {
                _tenths = (int)Math.Floor(_fraction * 10 + 1e-9);
                Console.Error.WriteLine($"{what}: {_tenths * 10} %");
            }
        }
    }
}
