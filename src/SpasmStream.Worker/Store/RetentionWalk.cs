namespace SpasmStream.Worker.Store;

/// <summary>How long one slice of the retention held the writer.</summary>
/// <param name="Place">Where it was.</param>
/// <param name="Removed">Rows removed.</param>
/// <param name="Work">Its own work, before the commit.</param>
/// <param name="Whole">With its commit.</param>
readonly record struct SliceTime(RetentionPlace Place, int Removed, TimeSpan Work, TimeSpan Whole);

/// <summary>
/// Carries a run of the retention through, slice by slice. Between two it steps back, so that a commit of the
/// corridor never waits behind more than one.
/// </summary>
static class RetentionWalk
{
    static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns how many rows went.</summary>
    /// <param name="run">The run.</param>
    /// <param name="writer">Whose turn is asked for.</param>
    /// <param name="time">Our own time.</param>
    /// <param name="cancellationToken">Ends it between two slices.</param>
    /// <param name="watch">Told what each slice took; null for nobody.</param>
    public static async Task<long> WalkAsync(this Retention run, StoreWriter writer, TimeProvider time,
        CancellationToken cancellationToken, Action<SliceTime>? watch = null)
    {
        var size = new SliceSize();
        var removed = 0L;
        for (RetentionPlace? place = Retention.Start; place is { } here;)
        {
            var (began, worked) = (0L, TimeSpan.Zero);
            var slice = await writer.RunAsync(session =>
            {
                // Waiting for the turn is not ours to count.
                began = time.GetTimestamp();
                var done = run.Slice(session, here, size.Rows);
                worked = time.GetElapsedTime(began);
                return done;
            }, cancellationToken);
            var took = time.GetElapsedTime(began);
            watch?.Invoke(new SliceTime(here, slice.Removed, worked, took));
            size.Took(took);
            removed += slice.Removed;
            place = slice.Next;
            // As long as it took: the writer is ours for half of the time at most.
            await Task.Delay(took > ShortestPause ? took : ShortestPause, time, cancellationToken);
        }

        return removed;
    }
}
