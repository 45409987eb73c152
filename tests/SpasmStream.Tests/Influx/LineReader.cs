using System.Globalization;
using System.Text;

namespace SpasmStream.Tests.Influx;

/// <summary>A line of line protocol, taken apart by the rules of InfluxDB 1.</summary>
sealed record ReadLine(string Measurement, SortedDictionary<string, string> Tags,
    SortedDictionary<string, object> Fields, long At);

/// <summary>
/// Reads line protocol as strictly as it can be read: nothing is passed over, and what could be read in two
/// ways is an error.
/// </summary>
static class LineReader
{
    public static List<ReadLine> ReadAll(ReadOnlySpan<byte> body)
    {
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        var lines = new List<ReadLine>();
        for (var at = 0; at < text.Length;)
            lines.Add(Read(text, ref at));
        return lines;
    }

    static ReadLine Read(string text, ref int at)
    {
        Demand(text[at] is not ('#' or '\n' or ' '), "a line that is passed over", text, at);
        var measurement = Name(text, ref at);
        var tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var last = "";
        while (Take(text, ref at, ','))
        {
            var name = Name(text, ref at);
            Demand(Take(text, ref at, '='), "a tag without a value", text, at);
            Demand(string.CompareOrdinal(last, name) < 0 && name != "time", "a tag out of order", text, at);
            tags.Add(last = name, Name(text, ref at));
        }

        Demand(Take(text, ref at, ' '), "no blank before the fields", text, at);
        var fields = new SortedDictionary<string, object>(StringComparer.Ordinal);
        do
        {
            var name = Name(text, ref at);
            Demand(name != "time" && Take(text, ref at, '='), "a field without a value", text, at);
            fields.Add(name, Value(text, ref at));
        }
        while (Take(text, ref at, ','));
        Demand(Take(text, ref at, ' '), "no blank before the instant", text, at);
        var begin = at;
        while (at < text.Length && text[at] != '\n')
            at++;
        var instant = long.Parse(text.AsSpan(begin, at - begin), NumberStyles.AllowLeadingSign);
        Demand(Take(text, ref at, '\n'), "no end of the line", text, at);
        return new ReadLine(measurement, tags, fields, instant);
    }

    static string Name(string text, ref int at)
    {
        var name = new StringBuilder();
        while (text[at] is not (',' or '=' or ' ' or '\n'))
        {
            if (text[at] == '\\')
                Demand(text[++at] is ',' or '=' or ' ', "a backslash before nothing special", text, at);
            Demand(!char.IsControl(text[at]), "a control character", text, at);
            name.Append(text[at++]);
        }

        Demand(name.Length > 0, "an empty name or tag", text, at);
        return name.ToString();
    }

    static object Value(string text, ref int at)
    {
        if (text[at] == '"')
            return Quoted(text, ref at);
        var begin = at;
        while (text[at] is not (',' or ' ' or '\n'))
            at++;
        var word = text[begin..at];
        return word switch
        {
            "true" => true,
            "false" => false,
            [.. var whole, 'i'] => long.Parse(whole, NumberStyles.AllowLeadingSign),
            _ => double.Parse(word, NumberStyles.Float) is var number && double.IsFinite(number)
                ? number : throw new FormatException(word),
        };
    }

    static string Quoted(string text, ref int at)
    {
        var value = new StringBuilder();
        for (at++; text[at] != '"'; at++)
        {
            if (text[at] == '\\')
                Demand(text[++at] is '"' or '\\', "a backslash before nothing special", text, at);
            Demand(!char.IsControl(text[at]), "a control character", text, at);
            value.Append(text[at]);
        }

        at++;
        return value.ToString();
    }

    static bool Take(string text, ref int at, char expected)
    {
        if (at >= text.Length || text[at] != expected)
            return false;
        at++;
        return true;
    }

    static void Demand(bool so, string what, string text, int at)
    {
        if (!so)
            throw new FormatException(
                $"{what} at {at}: {text[Math.Max(0, at - 60)..Math.Min(text.Length, at + 20)]}");
    }
}
