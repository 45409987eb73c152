namespace SpasmStream.Tests.Simulation;

/// <summary>A message as its publisher knows it.</summary>
/// <param name="Number">Tells it from all others; it is in the payload.</param>
/// <param name="Topic">Where to.</param>
/// <param name="Payload">Its bytes.</param>
/// <param name="Qos">0 or 1.</param>
/// <param name="Fate">What must become of it once it is received.</param>
sealed record SentMessage(int Number, string Topic, byte[] Payload, int Qos, SentFate Fate)
{
    /// <summary>Whether the broker keeps it for those who subscribe later.</summary>
    public bool Retain { get; init; }

    /// <summary>Its samples lie together in the ledger, from here.</summary>
    public int FirstSample { get; init; }

    public int Samples { get; init; }

    /// <summary>When the broker took it for us; null when it did not.</summary>
    public long? AcceptedAt { get; set; }

    /// <summary>When the broker forgot it, with our session or for want of one.</summary>
    public long? ForgottenAt { get; set; }
}

/// <summary>What must become of a message.</summary>
enum SentFate
{
    Stored,
    Refused,
    Ignored,
}

/// <summary>A sample as sent; its value is made of its place in the ledger, and so names it.</summary>
/// <param name="Message">Its message.</param>
/// <param name="Device">The device's place.</param>
/// <param name="Start">Unix milliseconds.</param>
/// <param name="Revision">As sent.</param>
readonly record struct SentSample(int Message, int Device, long Start, int Revision);
