using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Whole runs of the retention, without pauses.</summary>
static class Thinned
{
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
}
