using System.IO.Compression;
using System.Runtime.InteropServices;

namespace SpasmStream.Worker;

/// <summary>How a payload is packed.</summary>
enum Packing
{
    None,
    Gzip,
    Unknown,
}

/// <summary>Unpacks a payload as far as it may grow, and no further.</summary>
static class PackedPayload
{
    const int MostBytes = 1 << 20;
    const int MostTimes = 100;

    /// <summary>
    /// The payload as it was before it was packed; as it is, with the reason, when that cannot be.
    /// </summary>
    public static (ReadOnlyMemory<byte> Payload, string? Refused) Open(
        in UserProperties said, ReadOnlyMemory<byte> payload)
    {
        if (said.TooMany)
            return (payload, Reasons.Properties);
        if (said.Packing == Packing.None || payload.IsEmpty)
            return (payload, null);
        if (said.Packing == Packing.Unknown)
            return (payload, Reasons.Encoding);
        try
        {
            return Inflate(payload) is { } whole ? (whole, null) : (payload, Reasons.Bomb);
        }
        catch (InvalidDataException)
        {
            return (payload, Reasons.Encoding);
        }
    }

    /// <summary>Null when it grows beyond what it may.</summary>
    static ReadOnlyMemory<byte>? Inflate(ReadOnlyMemory<byte> packed)
    {
        var most = (int)Math.Min(MostBytes, (long)packed.Length * MostTimes);
        using var source = MemoryMarshal.TryGetArray(packed, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(packed.ToArray(), writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        // One byte more than it may have tells that there is more; grown four times it is all that it may be.
        var room = new byte[Math.Min(most + 1, MostBytes / 256 + 1)];
        var length = 0;
        while (gzip.Read(room.AsSpan(length)) is var read and > 0)
        {
            length += read;
            if (length > most)
                return null;
            if (length == room.Length)
                Array.Resize(ref room, Math.Min(most + 1, length * 4));
        }

        // It may wait for its commit, and empty room with it.
        return length * 2 < room.Length ? room.AsSpan(0, length).ToArray() : room.AsMemory(0, length);
    }
}
