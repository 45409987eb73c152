namespace SpasmStream.Worker;

/// <summary>
/// Whether messages keep coming while others are committed, and how far apart reads and batches are then: few
/// large ones cost a fraction of many small ones. A sender that waits for its acknowledgement sends nothing
/// meanwhile, and waits for nothing here.
/// </summary>
sealed class Flow
{
    /// <summary>From one read to the next.</summary>
    public static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(3);

    // It is one until so many batches in a row were committed without anything coming meanwhile.
    const int QuietBatches = 20;

    volatile int _left;

    public bool IsOn => _left > 0;

    /// <summary>A batch was committed; so many messages have come meanwhile.</summary>
    public void Committed(int waiting) => _left = waiting > 1 ? QuietBatches : Math.Max(0, _left - 1);

    /// <summary>
    /// From the beginning of a batch to the next. What a commit writes beside the messages (counters, hours
    /// to fold again) is the same for many as for few, so the more come the longer they are gathered; behind
    /// a broker that sends few at a time it is 5 ms.
    /// </summary>
    public static TimeSpan LingerAfter(int messages) =>
        TimeSpan.FromMilliseconds(Math.Min(20, 5 + messages / 50));
}
