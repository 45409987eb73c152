using NodaTime;

namespace SpasmStream.Worker.Notify;

/// <summary>How long to wait before an announcement is sent again; a rule without a clock.</summary>
static class RetryTable
{
    /// <summary>The longest wait, also when a receiver asks for more.</summary>
    public static readonly Duration Longest = Duration.FromSeconds(300);

    static readonly int[] Seconds = [5, 15, 30, 60, 120, 300];

    /// <summary>The wait after an attempt in vain.</summary>
    /// <param name="before">Attempts before this one.</param>
    /// <param name="answer">What came of it: a refusal is tried again slowly from the start.</param>
    /// <param name="chance">0 to 1, for the jitter of a fifth to either side.</param>
    public static Duration Wait(int before, SendAnswer answer, double chance)
    {
        var seconds = answer.Sending == Sending.Refused
            ? Seconds[^1] : Seconds[Math.Min(before, Seconds.Length - 1)];
        var wait = Duration.FromSeconds(seconds * (0.8 + 0.4 * chance));
        var asked = Duration.Min(answer.After ?? Duration.Zero, Longest);
        return Duration.Max(wait, asked);
    }
}
