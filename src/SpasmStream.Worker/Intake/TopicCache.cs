using System.Text;

namespace SpasmStream.Worker.Intake;

/// <summary>The same bytes are the same string: few topics carry nearly all messages.</summary>
sealed class TopicCache
{
    // A power of two; what falls on the same place is replaced, so it never grows.
    const int Places = 4096;
    const int BytesMax = 256;

    readonly (byte[]? Bytes, string Text)[] _places = new (byte[]?, string)[Places];

    public string Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax)
            return Encoding.UTF8.GetString(bytes);
        var hash = new HashCode();
        hash.AddBytes(bytes);
        ref var place = ref _places[hash.ToHashCode() & (Places - 1)];
        if (place.Bytes is null || !bytes.SequenceEqual(place.Bytes))
            place = (bytes.ToArray(), Encoding.UTF8.GetString(bytes));
        return place.Text;
    }
}
