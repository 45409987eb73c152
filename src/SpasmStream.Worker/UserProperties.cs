using System.Text;
using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Worker;

/// <summary>What the user properties of one message say, whichever door it came by.</summary>
/// <param name="replay">Whether a sender may state when its message was received.</param>
struct UserProperties(bool replay)
{
    const int Most = 32;
    const int InstantBytesMax = 64;

    int _count;

    /// <summary>Whether there are more than anybody needs.</summary>
    public readonly bool TooMany => _count > Most;

    /// <summary>How the sender says it is packed.</summary>
    public Packing Packing { get; private set; }

    /// <summary>The receipt that the sender states, to the millisecond; null when it may not or does not.
    /// </summary>
    public Instant? Received { get; private set; }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        _count++;
        if (replay && Received is null && value.Length <= InstantBytesMax && name.SequenceEqual("received"u8)
            && InstantPattern.ExtendedIso.Parse(Encoding.UTF8.GetString(value)) is { Success: true } parsed)
            Received = Instant.FromUnixTimeMilliseconds(parsed.Value.ToUnixTimeMilliseconds());
        // Said twice it is packed twice, and that nobody needs.
        else if (name.SequenceEqual("content-encoding"u8))
            Packing = Packing == Packing.None && value.SequenceEqual("gzip"u8) ? Packing.Gzip
                : Packing.Unknown;
    }
}
