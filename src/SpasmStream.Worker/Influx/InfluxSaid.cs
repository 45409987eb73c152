using System.Text;

namespace SpasmStream.Worker.Influx;

/// <summary>An answer as it came over the line, as far as it is read.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">Its beginning, up to a limit.</param>
/// <param name="IsWhole">Whether that is all of it.</param>
/// <param name="Type">Its media type; empty when it says none.</param>
/// <param name="Version">What it says of its version; empty when it says nothing.</param>
/// <param name="Build">What it says of its build; empty when it says nothing.</param>
/// <param name="IsVictoria">Whether it speaks of itself as VictoriaMetrics does.</param>
/// <param name="RetryAfter">When to come again: seconds or a date, as it stands there.</param>
sealed record InfluxSaid(int Status, ReadOnlyMemory<byte> Body, bool IsWhole, string Type, string Version,
    string Build, bool IsVictoria, string RetryAfter)
{
    const long Year = 365 * 24 * 3600;

    // What is sorted by stands at the beginning.
    const int TextMost = 512;

    public static async Task<InfluxSaid> ReadAsync(
        HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        var encoded = response.Content.Headers.ContentEncoding.Count > 0;
        var (body, isWhole) = encoded ? (default, false) : await BodyAsync(response, most, cancellationToken);
        return new InfluxSaid((int)response.StatusCode, body, isWhole,
            response.Content.Headers.ContentType?.MediaType ?? "", First(response, "X-Influxdb-Version"),
            First(response, "X-Influxdb-Build"), response.Headers.Contains("X-Server-Hostname"),
            First(response, "Retry-After"));
    }

    /// <summary>The same as it is sorted by.</summary>
    public InfluxAnswer ToAnswer(DateTimeOffset now) => new(Status, WaitOf(RetryAfter, now),
        Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, TextMost)]), IsForeign());

    /// <summary>
    /// What Retry-After asks for: seconds, however many, or a date; null when it is neither.
    /// </summary>
    public static TimeSpan? WaitOf(string text, DateTimeOffset now)
    {
        const int mostDigits = 18;
        if (text.Length is > 0 and <= mostDigits && text.All(char.IsAsciiDigit))
            return TimeSpan.FromSeconds(Math.Min(long.Parse(text), Year));
        return DateTimeOffset.TryParseExact(text, "R", null, 0, out var date)
            ? date > now ? date - now : TimeSpan.Zero : null;
    }

    // A redirect is nobody's that stores points; nor is a page, or a written point answered with words.
    bool IsForeign() => Status is >= 300 and < 400
        || Type.Contains("html", StringComparison.OrdinalIgnoreCase)
        || (Status is >= 200 and < 300 && Body.Length > 0
            && !Type.Contains("json", StringComparison.OrdinalIgnoreCase))
        || (Status is >= 200 and < 300 && !IsWhole);

    static async Task<(ReadOnlyMemory<byte> Body, bool IsWhole)> BodyAsync(
        HttpResponseMessage response, int most, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[1024];
        for (var length = 0; ;)
        {
            if (length == buffer.Length)
            {
                if (length >= most)
                    return (buffer, false);
                Array.Resize(ref buffer, Math.Min(most, buffer.Length * 4));
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
                return (buffer.AsMemory(0, length), true);
            length += read;
        }
    }

    static string First(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : "";
}
