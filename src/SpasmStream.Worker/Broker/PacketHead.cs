using System.Buffers;

namespace SpasmStream.Worker.Broker;

/// <summary>What could be read of the beginning of a packet.</summary>
enum HeadReading
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>No client may send this; nothing behind it can be trusted.</summary>
    Broken,

    /// <summary>All of it is here.</summary>
    Whole,
}

/// <summary>
/// The fixed header of a packet from a client: its type and flags, and how long it says it is.
/// </summary>
readonly record struct PacketHead(byte First, int Length, int BodyLength)
{
    const int Connect = 1, Publish = 3, Acknowledgement = 4, Completed = 7, Ping = 12;

    // What is sent by a broker only, and what no one may send, has no flags that are right.
    static readonly int[] Flags = [-1, 0, -1, -1, 0, 0, 2, 0, 2, -1, 2, -1, 0, -1, 0, 0];

    /// <summary>The header and what follows it.</summary>
    public long Total => Length + (long)BodyLength;

    public bool IsConnect => First >> 4 == Connect;

    /// <summary>A message whose sender waits for our answer before it forgets it.</summary>
    public bool IsAnsweredMessage => First >> 4 == Publish && (First & 0x06) != 0;

    /// <summary>An answer to what we sent: as many as we ask for.</summary>
    public bool IsAnswer => First >> 4 is >= Acknowledgement and <= Completed;

    /// <summary>Reads the header at the beginning of the bytes.</summary>
    public static HeadReading Read(ReadOnlySequence<byte> bytes, out PacketHead head)
    {
        head = default;
        var reader = new SequenceReader<byte>(bytes);
        if (!reader.TryRead(out var first))
            return HeadReading.Incomplete;
        if (!IsSentByClients(first))
            return HeadReading.Broken;
        var length = 0;
        for (var digits = 0; digits < 4; digits++)
        {
            if (!reader.TryRead(out var digit))
                return HeadReading.Incomplete;
            length |= (digit & 0x7F) << (7 * digits);
            if ((digit & 0x80) != 0)
                continue;
            // A number with a leading zero is a second way to write it, and there is one only.
            if ((digit == 0 && digits > 0) || (first >> 4 == Ping && length > 0))
                return HeadReading.Broken;
            head = new PacketHead(first, digits + 2, length);
            return HeadReading.Whole;
        }

        return HeadReading.Broken;
    }

    static bool IsSentByClients(byte first) => first >> 4 == Publish
        ? (first & 0x06) != 0x06 : Flags[first >> 4] == (first & 0x0F);
}
