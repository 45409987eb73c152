using System.Text.Json;
using NodaTime;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// A question in InfluxQL. Its text is one of the constants below; whatever comes from elsewhere is bound as
/// a parameter, which InfluxDB takes in a WHERE only.
/// </summary>
sealed record InfluxQuestion
{
    InfluxQuestion(string text, string? parameters) => (Text, Parameters) = (text, parameters);

    public string Text { get; }

    /// <summary>JSON of what is bound; null when nothing is.</summary>
    public string? Parameters { get; }

    /// <summary>The canary of an instant.</summary>
    public static InfluxQuestion Canary(long at) => new(
        $"SELECT {LineTable.Value} FROM {LineTable.Canary} WHERE time = $at",
        JsonSerializer.Serialize(new { at = at * 1_000_000 }));

    /// <summary>Makes a database, whose name <see cref="InfluxOptions"/> allows a few letters only.</summary>
    public static InfluxQuestion Create(string database) => database.All(IsPlain)
        ? new($"CREATE DATABASE \"{database}\"", null)
        : throw new ArgumentException("This is no name of a database.", nameof(database));

    /// <summary>Drops all that is there of a wearer.</summary>
    public static InfluxQuestion Drop(string wearer) =>
        new("DROP SERIES WHERE wearer = $wearer", JsonSerializer.Serialize(new { wearer }));

    /// <summary>Samples of one measurement and wearer in [from, to), oldest first, a page of them.</summary>
    public static InfluxQuestion Samples(
        string measurement, string wearer, Instant from, Instant to, int rows, int after) =>
        LineTable.Signals.Values.Contains(measurement)
            ? new($"""
                SELECT value, dur_ms, q, off_min, recv, run_recv, run_step, run_to, gone,
                device, res, source, stat FROM {measurement}
                WHERE wearer = $wearer AND time >= $from AND time < $to LIMIT {rows} OFFSET {after}
                """, JsonSerializer.Serialize(new
            {
                wearer,
                from = from.ToUnixTimeMilliseconds() * 1_000_000,
                to = to.ToUnixTimeMilliseconds() * 1_000_000,
            }))
            : throw new ArgumentException("There is no such measurement.", nameof(measurement));

    static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
