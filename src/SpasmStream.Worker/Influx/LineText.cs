using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Anybody's words as a tag or as text of a field, so that they add no line, no tag and no field. Two words
/// that differ stay different.
/// </summary>
static class LineText
{
    const int TagMost = 256, TextMost = 8 * 1024;

    static readonly SearchValues<char> _plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:;/+*()[]{}<>|~^!?&@$'`#");

    /// <summary>
    /// A value of a tag. A backslash cannot be escaped in one, and a control character ends it in some: both
    /// are written as a percent sign and two digits, so the percent sign is too.
    /// </summary>
    public static void AppendTag(StringBuilder line, string value)
    {
        if (!value.AsSpan().ContainsAnyExcept(_plain) && value.Length <= TagMost)
        {
            line.Append(value);
            return;
        }

        if (value.Length > TagMost)
            value = Shortened(value);
        foreach (var rune in value.EnumerateRunes())
            if (rune.Value is ',' or '=' or ' ')
                line.Append('\\').Append((char)rune.Value);
            else if (rune.Value is '\\' or '%' || Rune.IsControl(rune))
                line.Append('%').Append(rune.Value.ToString("X2"));
            else
                line.Append(rune.ToString());
    }

    /// <summary>Text of a field, quotes included; line breaks become blanks.</summary>
    public static void AppendText(StringBuilder line, string value)
    {
        if (value.Length > TextMost)
            value = value[..TextMost];
        line.Append('"');
        foreach (var rune in value.EnumerateRunes())
            if (rune.Value is '"' or '\\')
                line.Append('\\').Append((char)rune.Value);
            else
                line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        line.Append('"');
    }

    static string Shortened(string value) => value[..(TagMost - 33)] + "~"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.Unicode.GetBytes(value)).AsSpan(0, 16));
}
