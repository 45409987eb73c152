namespace SpasmStream.Worker.Influx;

/// <summary>How long to wait before the next try, and how much to send at once; no clock, no I/O.</summary>
/// <param name="bytesMost">The most bytes of a request, until it proves too much.</param>
/// <param name="random">From 0 to 1.</param>
sealed class ForwardPace(int bytesMost, Func<double> random)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan AskedLongest = TimeSpan.FromSeconds(300);
    public static readonly TimeSpan Paused = TimeSpan.FromSeconds(30);

    TimeSpan _last;

    /// <summary>The most bytes of a request, as far as we know.</summary>
    public int BytesMost { get; private set; } = bytesMost;

    /// <summary>
    /// The wait after an answer: decorrelated jitter, but never shorter than what was asked for, up to five
    /// minutes.
    /// </summary>
    public TimeSpan After(SortedAnswer answer)
    {
        var own = answer.Step == NextStep.Pause ? Paused : Grow();
        var asked = answer.Asked is { } span && span < AskedLongest ? span
            : answer.Asked is null ? TimeSpan.Zero : AskedLongest;
        return asked > own ? asked : own;
    }

    /// <summary>
    /// From one batch to the next, so that under load few large requests are made and not many small ones,
    /// while a single point goes at once.
    /// </summary>
    /// <param name="points">How many points the last one had.</param>
    /// <param name="most">How many it could have had: with as many there are more, and nothing waits.</param>
    public static TimeSpan Gather(int points, int most) =>
        points >= most ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Min(100, 20 + points / 50));

    /// <summary>Something went through: the next trouble begins small again.</summary>
    public void Succeeded() => _last = TimeSpan.Zero;

    /// <summary>So many bytes were too many.</summary>
    public void TooLarge(int bytes) => BytesMost = Math.Max(1, Math.Min(BytesMost, bytes / 2));

    // Each wait is drawn between the first one and three times the last, so that many who were cut off
    // together do not come back together.
    TimeSpan Grow()
    {
        var most = _last * 3 is var three && three > First ? three : First * 2;
        var drawn = First + ((most - First) * random());
        return _last = drawn < Longest ? drawn : Longest;
    }
}
