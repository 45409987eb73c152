namespace SpasmStream.Tests.BadInput;

/// <summary>One bad message, or one that only looks bad, and what must become of it.</summary>
/// <param name="Item">What it shows.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Payload">Its payload; each holds <see cref="BadMessages.Canary"/> where it can.</param>
/// <param name="Reasons">The reasons of its dead letters; none when it is taken.</param>
sealed record BadMessage(string Item, string What, byte[] Payload, params string[] Reasons)
{
    public string Topic { get; init; } = BadMessages.HeartRate;

    /// <summary>The properties of its packet.</summary>
    public byte[] Properties { get; init; } = [];

    /// <summary>How many samples it leaves.</summary>
    public int Stored { get; init; }

    /// <summary>What a device of the embedded broker is told.</summary>
    public int Code => Stored > 0 || Reasons.Length == 0 ? 0 : Reasons[0] switch
    {
        "topic" or "id" => 0x90,
        "person_mismatch" or "unauthorised" => 0x87,
        _ => 0x99,
    };

    public override string ToString() => $"{Item} {What}";
}
