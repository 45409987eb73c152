using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Whole runs of the retention, without pauses.</summary>
static class Thinned
{
    static readonly WearerId _ada = new("ada");

    public static async Task<long> ThinAsync(
        this StoreWriter writer, Instant now, StoreOptions options, int rows = SliceSize.Most)
    {
        var stop = TestContext.Current.CancellationToken;
        var run = await writer.RunAsync(session => Retention.Begin(session, options, now), stop);
        var removed = await run.SliceAsync(writer, rows);
        await writer.RunAsync(session =>
        {
            run.Finish(session, now);
            return true;
        }, stop);
        return removed;
    }

    /// <summary>Slice by slice; with a limit on slices it is left in the middle.</summary>
    public static async Task<long> SliceAsync(
        this Retention run, StoreWriter writer, int rows, int slices = int.MaxValue)
    {
        var removed = 0L;
        for (RetentionPlace? place = Retention.Start; place is { } here && slices > 0; slices--)
        {
            var slice = await writer.RunAsync(
                session => run.Slice(session, here, rows), TestContext.Current.CancellationToken);
            removed += slice.Removed;
            place = slice.Next;
        }

        return removed;
    }

    /// <summary>Folds everything dirty, as an issue time would.</summary>
    public static async Task FoldAsync(this TempStore store, Instant now, long? known = null)
    {
        using var history = new SqliteHistory(store.File, store.Writer);
        var until = known is { } ms ? Instant.FromUnixTimeMilliseconds(ms) : now;
        var dirty = history.ChangedHours(_ada, Instant.MinValue, Instant.FromUtc(2100, 1, 1, 0, 0));
        if (known == 2)
            dirty = [new ChangedHour(Some.Start)];
        var hours = dirty.Select(hour => HourFold.Fold(hour.Start, until, history.Samples(_ada, hour.Start,
            hour.Start + Duration.FromHours(1), Instant.FromUtc(2100, 1, 1, 0, 0)), []));
        await history.SaveAsync(_ada, new AssessedStep
        {
            KnownAt = until,
            Replayed = true,
            Hours = [.. hours],
        }, TestContext.Current.CancellationToken);
        await store.RunAsync(session => session.Execute("DELETE FROM dirty"));
    }
}
