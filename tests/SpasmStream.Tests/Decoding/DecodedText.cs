using System.Collections;
using System.Globalization;
using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;

namespace SpasmStream.Tests.Decoding;

/// <summary>What a decoder made of a message as lines of text, all of it.</summary>
static class DecodedText
{
    public static string Of(Decoded decoded)
    {
        var text = new StringBuilder();
        text.AppendLine($"{decoded.Wearer?.ToString() ?? "nobody"} {decoded.Device} {decoded.Kind}");
        foreach (var sample in decoded.Samples)
            text.AppendLine(Line(sample));
        foreach (var fact in decoded.Facts)
            text.AppendLine(fact.Withdrawn
                ? $"takes back {fact.Id} rev {fact.Revision}"
                : $"fact {fact.Id} rev {fact.Revision}: {fact.Count} from {fact.First}");
        foreach (var entry in decoded.Entries)
            text.AppendLine($"entry {entry.Key} rev {entry.Revision} at {entry.At}: {Show(entry.Value)}");
        if (decoded.Status is { } status)
            text.AppendLine($"status {Show(status)}");
        foreach (var rejection in decoded.Rejections)
            text.AppendLine(rejection.Index is { } index
                ? $"refused {rejection.Reason} at {index}" : $"refused {rejection.Reason}");
        if (decoded.UnknownMembers > 0)
            text.AppendLine($"unknown members {decoded.UnknownMembers}");
        if (!decoded.HasOwnInstant)
            text.AppendLine("no instant of its own");
        return text.Replace("\r\n", "\n").ToString();
    }

    static string Line(in Sample sample)
    {
        var line = new StringBuilder($"{At(sample.Start)} {sample.Series.Signal} {sample.Series.Stat}");
        line.Append(CultureInfo.InvariantCulture, $" {sample.Value}");
        if (sample.Duration > Duration.Zero)
            line.Append(CultureInfo.InvariantCulture, $" over {sample.Duration.TotalMilliseconds} ms");
        if (sample.Series.Source.Length > 0)
            line.Append($" by {sample.Series.Source}");
        if (sample.Quality is { } quality)
            line.Append(CultureInfo.InvariantCulture, $" q {quality}");
        if (sample.OffsetMinutes is { } offset)
            line.Append($" offset {offset}");
        if (sample.Revision > 0)
            line.Append($" rev {sample.Revision}");
        if (sample.Flags != SampleFlags.None)
            line.Append($" {sample.Flags}");
        return line.ToString();
    }

    static string At(Instant at) => NodaTime.Text.InstantPattern.ExtendedIso.Format(at);

    /// <summary>The members of a record that say something, in their order.</summary>
    static string Show(object value) => value switch
    {
        string text => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"",
        Instant at => At(at),
        LocalDate day => NodaTime.Text.LocalDatePattern.Iso.Format(day),
        bool or Enum => $"{value}",
        Duration length => $"{length.TotalMilliseconds} ms",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Show))}]",
        _ => $"{value.GetType().Name} {{ {string.Join(", ", Members(value))} }}",
    };

    static IEnumerable<string> Members(object value) =>
        from property in value.GetType().GetProperties()
        where property.GetIndexParameters().Length == 0
        let member = property.GetValue(value)
        where member is not (null or ICollection { Count: 0 })
        select $"{property.Name} {Show(member)}";
}
