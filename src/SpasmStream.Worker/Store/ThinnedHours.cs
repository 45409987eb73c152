using Microsoft.Data.Sqlite;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Hours of which samples are gone. Folded from what came late alone they would lose their minutes, so such
/// an hour is never folded again, and a sample for it is refused and says so.
/// </summary>
sealed class ThinnedHours(SqliteConnection connection)
{
    const string Marks = """
        (SELECT wearer, hour FROM thinned UNION ALL SELECT wearer, hour FROM hour_digest)
        """;

    // What the fold does not use goes by itself, and is refused only where the minutes are gone too.
    const string Digested = "EXISTS(SELECT 1 FROM hour_digest WHERE wearer=$w AND hour=$h)";

    long? _until;

    /// <summary>Unix milliseconds: from here on nothing is thinned.</summary>
    public long Until => _until ??= (long?)Scalar("SELECT thinned_until FROM retention") ?? long.MinValue;

    /// <summary>As a condition of SQL on a wearer's number <c>$w</c> and an hour <c>$h</c>.</summary>
    public static string Condition => $"EXISTS(SELECT 1 FROM {Marks} WHERE wearer=$w AND hour=$h)";

    /// <summary>After a rollback, and when the thinning goes on, it is asked for anew.</summary>
    public void Forget() => _until = null;

    /// <summary>The message without the samples that came too late, each of them a rejection.</summary>
    public Decoded Refuse(Decoded decoded)
    {
        if (Until == long.MinValue || decoded.Wearer is not { } name
            || !decoded.Samples.Any(sample => Ms.Of(sample.Start) < Until)
            || Scalar("SELECT id FROM wearer WHERE name=$n", ("$n", name.ToString())) is not long wearer)
            return decoded;
        var known = new Dictionary<(long Hour, bool IsFolded), bool>();
        var kept = new List<Sample>(decoded.Samples.Count);
        var rejections = new List<Rejection>(decoded.Rejections);
        // How many of the first i are kept, to move what is said of their places.
        var places = new int[decoded.Samples.Count + 1];
        for (var i = 0; i < decoded.Samples.Count; i++)
        {
            if (IsThinned(wearer, decoded.Samples[i], known))
                rejections.Add(new Rejection(Reasons.BeyondRetention,
                    "This hour's samples have been thinned; its minutes stay as they are.", i));
            else
                kept.Add(decoded.Samples[i]);
            places[i + 1] = kept.Count;
        }

        if (kept.Count == decoded.Samples.Count)
            return decoded;
        var facts = decoded.Facts
            .Select(fact => fact with
            {
                First = places[fact.First],
                Count = places[fact.First + fact.Count] - places[fact.First],
            })
            .Where((fact, i) => fact.Count > 0 || decoded.Facts[i].Count == 0);
        return decoded with { Samples = kept, Rejections = rejections, Facts = [.. facts] };
    }

    bool IsThinned(long wearer, in Sample sample, Dictionary<(long Hour, bool IsFolded), bool> known)
    {
        var start = Ms.Of(sample.Start);
        if (start >= Until)
            return false;
        var isFolded = HourFold.Uses(sample.Series.Signal);
        var (first, last) = HourFold.HoursTouched(
            sample.Series.Signal, start, (long)sample.Duration.TotalMilliseconds);
        for (var hour = first; hour <= last; hour++)
        {
            if (!known.TryGetValue((hour, isFolded), out var thinned))
                known[(hour, isFolded)] = thinned = (long)Scalar(
                    $"SELECT {(isFolded ? Condition : Digested)}", ("$w", wearer), ("$h", hour))! == 1;
            if (thinned)
                return true;
        }

        return false;
    }

    object? Scalar(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command.ExecuteScalar();
    }
}
