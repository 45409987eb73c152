using System.Globalization;
using System.Text;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Text of a stranger for a terminal: what would move the cursor, change colours or turn the direction of
/// reading is shown as its number.
/// </summary>
static class Visible
{
    /// <summary>On one line.</summary>
    public static string Line(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Append(shown, rune);
        return shown.ToString();
    }

    /// <summary>A payload: as text, line by line, or as bytes when it is no UTF-8.</summary>
    public static IEnumerable<string> Lines(byte[] payload)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(payload);
            return text.Split('\n').Select(Line);
        }
        catch (DecoderFallbackException)
        {
            return payload.Chunk(16).Select((row, i) =>
                $"{i * 16:x8}  {string.Join(' ', row.Select(one => one.ToString("x2"))),-47}  "
                + string.Concat(row.Select(one => one is >= 0x20 and < 0x7F ? (char)one : '.')));
        }
    }

    static void Append(StringBuilder shown, Rune rune)
    {
        switch (Rune.GetUnicodeCategory(rune))
        {
            case UnicodeCategory.Control:
            case UnicodeCategory.Format:
            case UnicodeCategory.LineSeparator:
            case UnicodeCategory.ParagraphSeparator:
            case UnicodeCategory.Surrogate:
            case UnicodeCategory.PrivateUse:
            case UnicodeCategory.OtherNotAssigned:
                shown.Append($"\\u{{{rune.Value:X4}}}");
                break;
            default:
                shown.Append(rune);
                break;
        }
    }
}
