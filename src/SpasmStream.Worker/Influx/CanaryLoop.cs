using System.Text;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Writes a point at the start and every five minutes, and reads it back: "taken" has been seen for points
/// that were not stored.
/// </summary>
sealed partial class CanaryLoop(
    IInfluxLink link, InfluxState state, Heartbeats heartbeats, TimeProvider time,
    ILogger<CanaryLoop> logger) : BackgroundService
{
    const string Loop = "canary";

    /// <summary>From one to the next.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    // Away, it is asked sooner: what it says when it is back counts.
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    /// <summary>The line of the canary of an instant.</summary>
    public static byte[] Line(long at) => Encoding.ASCII.GetBytes(
        $"{LineTable.Canary} {LineTable.Value}=1 {at}\n");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (true)
            {
                // Whoever was told to wait, or can do nothing, does not knock at another door meanwhile.
                var told = state.Report.Link is InfluxLink.Waiting or InfluxLink.Paused ? CanaryAnswer.Unknown
                    : await heartbeats.WaitAsync(Loop, TryAsync(link, time, stoppingToken));
                Judge(told);
                var pause = told == CanaryAnswer.Unknown ? Soon : Every;
                heartbeats.Beat(Loop, pause);
                await Task.Delay(pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>Sends one and looks for it.</summary>
    public static async Task<CanaryAnswer> TryAsync(
        IInfluxLink link, TimeProvider time, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow().ToUnixTimeMilliseconds();
        var taken = AnswerSort.Of(await link.WriteAsync(Line(at), cancellationToken));
        return taken.Step == NextStep.Done
            ? await link.ReadCanaryAsync(at, cancellationToken) : CanaryAnswer.Unknown;
    }

    void Judge(CanaryAnswer told)
    {
        if (told == CanaryAnswer.Missing && !state.IsCanaryMissing)
            Log.Missing(logger);
        else if (told == CanaryAnswer.Found && state.IsCanaryMissing)
            Log.Found(logger);
        if (told != CanaryAnswer.Unknown)
            state.IsCanaryMissing = told == CanaryAnswer.Missing;
    }

    static partial class Log
    {
        [LoggerMessage(235, LogLevel.Error, "InfluxDB said that it took a point, and does not have it. "
            + "Everything is kept in the store here; look at its disk, its retention and Influx:Url.")]
        public static partial void Missing(ILogger logger);

        [LoggerMessage(236, LogLevel.Information, "InfluxDB has what it says it took.")]
        public static partial void Found(ILogger logger);
    }
}
