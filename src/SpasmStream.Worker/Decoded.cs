using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker;

/// <summary>What one message said: what is good in it, and what is not with the reason.</summary>
sealed record Decoded
{
    /// <summary>The wearer of the topic; null when the topic itself was refused.</summary>
    public WearerId? Wearer { get; init; }

    /// <summary>The device of the topic, or <c>diary</c>.</summary>
    public string Device { get; init; } = "";

    /// <summary>The last level of the topic, such as <c>heart-rate</c> or <c>episode</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Measured values, gaps left out.</summary>
    public IReadOnlyList<Sample> Samples { get; init; } = [];

    /// <summary>Which of the samples were said under an id, and what was taken back by its id.</summary>
    public IReadOnlyList<SampleFact> Facts { get; init; } = [];

    /// <summary>Sleep and diary objects, each with its own slice of the payload.</summary>
    public IReadOnlyList<DecodedEntry> Entries { get; init; } = [];

    /// <summary>What the device says of itself, from a status message.</summary>
    public DeviceStatus? Status { get; init; }

    /// <summary>What was refused; an item's index when it was one of a batch.</summary>
    public IReadOnlyList<Rejection> Rejections { get; init; } = [];

    /// <summary>False when the message carries no instant of its own (a bare status word).</summary>
    public bool HasOwnInstant { get; init; } = true;

    /// <summary>Whether anything of it can be kept.</summary>
    public bool SaysAnything => Samples.Count + Facts.Count + Entries.Count > 0 || Status is not null;

    /// <summary>Refused as a whole after all, for what only its surroundings tell.</summary>
    public Decoded Refuse(string reason, string detail) => new()
    {
        Device = Device,
        Kind = Kind,
        Rejections = [new Rejection(reason, detail)],
    };

    /// <summary>Members and words we do not know: ignored, but counted.</summary>
    public int UnknownMembers { get; init; }
}

/// <summary>One object that is edited as a whole: a sleep episode or a diary entry.</summary>
/// <param name="Key">Its id, or one derived from its instant and type when it has none.</param>
/// <param name="Revision">Higher replaces lower.</param>
/// <param name="At">When it happened or began; noon UTC of the day for what is known by its day only.</param>
/// <param name="Value">
/// A <see cref="SleepEpisode"/>, <see cref="SleepEvent"/>, <see cref="ActivityBout"/>, a
/// <see cref="Core.Episodes.DiaryEntry"/>, or the <see cref="Core.Episodes.Withdrawal"/> of one of them.
/// </param>
/// <param name="Json">The object's own bytes, as sent.</param>
sealed record DecodedEntry(string Key, int Revision, Instant At, object Value, ReadOnlyMemory<byte> Json);

/// <summary>The samples of one object that has an id of its own: replaced or taken back together.</summary>
/// <param name="Id">The sender's id.</param>
/// <param name="Revision">Higher replaces lower.</param>
/// <param name="First">Where its samples begin among all of the message.</param>
/// <param name="Count">How many there are; none when they are taken back.</param>
/// <param name="Withdrawn">Whether this takes back what was said under the id.</param>
sealed record SampleFact(string Id, int Revision, int First, int Count, bool Withdrawn)
{
    /// <summary>The object's own bytes, as sent: they tell its versions apart and are exported.</summary>
    public required ReadOnlyMemory<byte> Json { get; init; }
}

/// <summary>What a device says of itself.</summary>
/// <param name="At">When; the receipt when it did not say.</param>
/// <param name="Online">Whether it is connected.</param>
/// <param name="Battery">Percent, when told.</param>
/// <param name="Worn">Whether it is worn, when told.</param>
/// <param name="Charging">Whether it is charging, when told.</param>
sealed record DeviceStatus(Instant At, bool Online, int? Battery, bool? Worn, bool? Charging);

/// <summary>Why something was refused.</summary>
/// <param name="Reason">A reason code such as <c>json</c>, <c>missing:t</c>, <c>range:bpm</c>.</param>
/// <param name="Detail">At most 200 characters for the operator, never a value or payload.</param>
/// <param name="Index">The item in its batch; null when the whole message was refused.</param>
sealed record Rejection(string Reason, string Detail, int? Index = null);
