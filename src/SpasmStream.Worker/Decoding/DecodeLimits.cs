using NodaTime;

namespace SpasmStream.Worker.Decoding;

/// <summary>What one message may be at most.</summary>
sealed record DecodeLimits
{
    // Far beyond all of time, and still without overflow when added to an instant.
    const long Lifted = long.MaxValue / 4;

    /// <summary>Limits of a live message over MQTT.</summary>
    public static DecodeLimits Live { get; } = new();

    /// <summary>Limits of a replay or an import: any instant that can be written down.</summary>
    public static DecodeLimits AnyTime { get; } = new() { Past = null, Future = null };

    /// <summary>
    /// How long before its receipt a fact may have happened; null lifts it. The default is 35 days.
    /// </summary>
    public Duration? Past
    {
        get => PastMs == Lifted ? null : Duration.FromMilliseconds(PastMs);
        init => PastMs = value is { } past ? (long)past.TotalMilliseconds : Lifted;
    }

    /// <summary>How far clocks may run ahead; null lifts it. The default is 5 minutes.</summary>
    public Duration? Future
    {
        get => FutureMs == Lifted ? null : Duration.FromMilliseconds(FutureMs);
        init => FutureMs = value is { } future ? (long)future.TotalMilliseconds : Lifted;
    }

    /// <summary><see cref="Past"/> in whole milliseconds, without end when lifted.</summary>
    public long PastMs { get; private init; } = 35L * 86_400_000;

    /// <summary><see cref="Future"/> likewise.</summary>
    public long FutureMs { get; private init; } = 5 * 60_000;

    /// <summary>
    /// Where two clocks disagree, nothing is refused for its time that one of them would take: which of them
    /// is wrong is not known, and a message that is refused is acknowledged all the same.
    /// </summary>
    /// <param name="ahead">How far the receipt is ahead of the other clock.</param>
    public DecodeLimits AlsoBy(Duration ahead)
    {
        if (ahead == Duration.Zero || Past is null)
            return this;
        var ms = (long)ahead.TotalMilliseconds;
        return this with { PastMs = PastMs + Math.Max(0, ms), FutureMs = FutureMs + Math.Max(0, -ms) };
    }

    /// <summary>Bytes of a payload. The default is 256 KiB.</summary>
    public int PayloadBytes { get; init; } = 256 * 1024;

    /// <summary>Samples or objects of a message. The default is 50,000.</summary>
    public int Samples { get; init; } = 50_000;

    /// <summary>Characters of a text. The default is 256.</summary>
    public int TextLength { get; init; } = 256;

    /// <summary>Characters of a note. The default is 4,000.</summary>
    public int NoteLength { get; init; } = 4_000;

    /// <summary>Levels of objects and arrays. The default is 16.</summary>
    public int Depth { get; init; } = 16;
}
