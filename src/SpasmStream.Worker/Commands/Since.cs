using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Worker.Commands;

/// <summary>How a point in the past is said on a command line.</summary>
static class Since
{
    /// <summary>An instant, a day (its start, UTC), or how long ago; null for anything else.</summary>
    public static Instant? Parse(string text, TimeProvider time)
    {
        if (OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true, Value: var instant })
            return instant.ToInstant();
        if (LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var day })
            return day.AtMidnight().InUtc().ToInstant();
        if (text.Length < 2 || !int.TryParse(text[..^1], NumberStyles.None, null, out var count)
            || count > 100_000)
            return null;
        Duration? ago = text[^1] switch
        {
            'd' => Duration.FromDays(count),
            'h' => Duration.FromHours(count),
            'm' => Duration.FromMinutes(count),
            _ => null,
        };
        return Instant.FromDateTimeOffset(time.GetUtcNow()) - ago;
    }
}
