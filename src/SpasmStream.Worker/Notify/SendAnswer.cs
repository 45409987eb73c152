using NodaTime;

namespace SpasmStream.Worker.Notify;

/// <summary>What may come of sending.</summary>
enum Sending
{
    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>Not this time; the same may work later.</summary>
    Failed,

    /// <summary>The receiver does not want it; somebody has to change something.</summary>
    Refused,
}

/// <summary>What came of sending.</summary>
/// <param name="Sending">What.</param>
/// <param name="Detail">
/// The receipt, or in a few words why not; for logs, so no address, name or content.
/// </param>
/// <param name="After">How long the receiver asks us to wait; null when it does not say.</param>
readonly record struct SendAnswer(Sending Sending, string Detail, Duration? After = null)
{
    public static SendAnswer Delivered(string receipt) => new(Sending.Delivered, receipt);

    public static SendAnswer Failed(string why, Duration? after = null) => new(Sending.Failed, why, after);

    public static SendAnswer Refused(string why) => new(Sending.Refused, why);
}
