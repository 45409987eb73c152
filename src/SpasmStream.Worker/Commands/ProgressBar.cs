using Spectre.Console;

namespace SpasmStream.Worker.Commands;

/// <summary>How far a long verb is: a bar on a terminal, nothing in a pipe or a log.</summary>
static class ProgressBar
{
    /// <summary>Runs the work; it tells how many of the total it has done since the last time.</summary>
    /// <param name="title">A few words in lower case.</param>
    /// <param name="total">Units of work; null while nobody knows.</param>
    /// <param name="work">What is done; its argument is called with the units done.</param>
    public static async Task<T> RunAsync<T>(string title, long? total, Func<Action<long>, Task<T>> work)
    {
        if (Console.IsErrorRedirected)
            return await work(static _ => { });
        var console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total ?? 1));
                bar.IsIndeterminate = total is null;
                return await work(done => bar.Increment(done));
            });
    }
}
