using System.Text;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Stored values in words: instants as RFC 3339, numbers of ours by their names. What comes out is a string,
/// a number, a boolean or a <see cref="JsonElement"/>.
/// </summary>
sealed class CellText
{
    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
    readonly Dictionary<long, string> _flags = [];

    public object Of(CellKind kind, object raw) => kind switch
    {
        CellKind.Instant => InstantPattern.ExtendedIso.Format(Ms.ToInstant((long)raw)),
        CellKind.Hour => InstantPattern.ExtendedIso.Format(Instant.FromUnixTimeSeconds((long)raw * 3600)),
        CellKind.YesNo => (long)raw != 0,
        CellKind.Json => Parsed(raw),
        CellKind.Bytes => Decoded((byte[])raw),
        CellKind.Cells => JsonSerializer.SerializeToElement(
            HourCells.FromBytes((byte[])raw).Select(cell => new { cell.HeartRate, cell.Steps }), Minutes),
        CellKind.Signal => ((Signal)(long)raw).ToString(),
        CellKind.Stat => ((Stat)(long)raw).ToString(),
        CellKind.Flags => Flags((long)raw),
        _ => raw,
    };

    static readonly JsonSerializerOptions Minutes = new(Json.Options)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    // Most rows carry the same few: the name of a set of flags is slow to find.
    string Flags(long flags)
    {
        if (!_flags.TryGetValue(flags, out var text))
            _flags[flags] = text = ((SampleFlags)flags).ToString();
        return text;
    }

    // What a wearer said is JSON, or it would not be there; a later reader may be stricter than we were.
    static object Parsed(object raw)
    {
        var bytes = raw as byte[] ?? Encoding.UTF8.GetBytes((string)raw);
        try
        {
            return JsonElement.Parse(bytes);
        }
        catch (JsonException)
        {
            return Decoded(bytes);
        }
    }

    /// <summary>Text where it is text; else its bytes, said to be base64.</summary>
    static string Decoded(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return "base64:" + Convert.ToBase64String(bytes);
        }
    }
}
