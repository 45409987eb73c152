namespace SpasmStream.Worker;

/// <summary>
/// How large a batch may be, and how much may wait: while more waits than a batch holds both double, up to
/// eight times the batch and four times the mark, and shrink again when there is less. A commit costs the
/// disk the same whatever it holds, so the deeper the queue the more of it is taken. Bytes do not grow.
/// </summary>
sealed class BatchGrowth(IntakeOptions options)
{
    const int DoublingsMax = 3;
    const int MarkDoublingsMax = 2;

    volatile int _doublings;

    /// <summary>The most messages of the next batch.</summary>
    public int BatchMessages => options.BatchMessages << _doublings;

    /// <summary>Messages at which the doors stop reading; always below the hard cap.</summary>
    public int HighWaterMessages => Math.Max(options.HighWaterMessages, Math.Min(
        options.HighWaterMessages << Math.Min(_doublings, MarkDoublingsMax),
        options.HardCapMessages / 5 * 4));

    /// <summary>Messages at which they read on: while one batch is written the next one comes in.</summary>
    public int LowWaterMessages => Math.Max(options.LowWaterMessages,
        Math.Min(options.LowWaterMessages << _doublings, HighWaterMessages / 2));

    /// <summary>Learns what the last batch took of all that is not yet committed.</summary>
    public void Took(int messages, int uncommitted)
    {
        if (messages == BatchMessages && uncommitted > messages)
            _doublings = Math.Min(_doublings + 1, DoublingsMax);
        else if (uncommitted < BatchMessages / 4)
            _doublings = Math.Max(_doublings - 1, 0);
    }
}
