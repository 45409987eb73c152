using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>Reads what is to be forwarded, on a connection of its own. For one thread at a time.</summary>
sealed class ForwardReader : IDisposable
{
    static readonly string[] _next =
    [
        "", // Samples have a key of numbers.
        """
        SELECT wearer, CAST(id AS TEXT) FROM forecast WHERE id>CAST(@reference AS INTEGER)
        ORDER BY id LIMIT @points
        """,
        """
        SELECT wearer, target || '|' || start FROM risk_window
        WHERE (wearer, target, start) > (@wearer, @target, @start) ORDER BY wearer, target, start
        LIMIT @points
        """,
        """
        SELECT DISTINCT wearer, key FROM entry WHERE kind='episode' AND (wearer, key) > (@wearer, @reference)
        ORDER BY wearer, key LIMIT @points
        """,
        "SELECT wearer, key FROM alert WHERE key>@reference ORDER BY key LIMIT @points",
    ];

    readonly SqliteConnection _reader;
    readonly ForwardNames _series;
    readonly MirrorSource _mirror;

    // Of the batch that was taken last, which is done with before the next one is taken.
    readonly List<ForwardSample> _samples = [];

    public ForwardReader(StoreFile file, ReadEntry read)
    {
        _reader = file.OpenReader();
        _series = new ForwardNames(_reader);
        _mirror = new MirrorSource(_reader, read);
    }

    /// <summary>How far the target has been told what was here before; null without a target.</summary>
    public WalkPlace? Place => ForwardTarget.Place(_reader);

    /// <summary>The oldest rows of the journal after one; null when there are none.</summary>
    public ForwardTaken? Journal(long after, int points)
    {
        var batch = Begin();
        using var command = _reader.CreateCommand();
        command.CommandText =
            "SELECT id, points, kind, wearer, packed FROM forward WHERE id>$after ORDER BY id";
        command.Parameters.AddWithValue("$after", after);
        using var row = command.ExecuteReader();
        var upTo = 0L;
        while (row.Read())
        {
            var more = row.GetInt32(1);
            if (upTo > 0 && batch.Points + more > points)
                break;
            upTo = row.GetInt64(0);
            batch.Points += more;
            var packed = row.GetFieldValue<byte[]>(4);
            if (row.GetInt32(2) is var kind && kind == 0)
                Unpack(packed, batch.Samples);
            else
                batch.Mirror(new MirrorName(
                    (MirroredKind)kind, row.GetInt64(3), Encoding.UTF8.GetString(packed)));
        }

        return upTo == 0 ? null : batch.Done(upTo, null);
    }

    /// <summary>
    /// The next slice of what was here before the target, in the order of its keys; one without points when
    /// that was all of it.
    /// </summary>
    public ForwardTaken Slice(WalkPlace place, int points)
    {
        for (; place.Step < WalkStep.Done; place = place with { Step = place.Step + 1, After = "" })
        {
            var batch = Begin();
            if ((place.Step == WalkStep.Samples ? Samples(batch, place, points)
                : Mirrored(batch, place, points)) is { } last)
                return batch.Done(0, place with { After = last });
        }

        return Begin().Done(0, place);
    }

    public void Dispose() => _reader.Dispose();

    ForwardGathering Begin()
    {
        _series.Refresh();
        _mirror.Forget();
        _samples.Clear();
        return new ForwardGathering(_mirror, _samples);
    }

    void Unpack(byte[] packed, List<ForwardSample> samples)
    {
        var packs = new SampleUnpacker(packed);
        while (packs.Next(out var sample))
            if (_series.Of(sample.Series) is { } series)
                samples.Add(new ForwardSample(series, sample.Start, sample.Duration, sample.Value,
                    sample.Received, sample.Quality, sample.Offset, sample.Gone, sample.Again));
    }

    string? Samples(ForwardGathering batch, WalkPlace place, int points)
    {
        var after = place.After.Length > 0 ? Json.Read<long[]>(place.After)
            : [long.MinValue, long.MinValue, long.MinValue];
        using var command = _reader.CreateCommand();
        command.CommandText = """
            SELECT t, series, dur, value, received, q, off, gone FROM sample
            WHERE (t, series, dur) > ($t, $series, $dur) ORDER BY t, series, dur LIMIT $points
            """;
        command.Parameters.AddWithValue("$t", after[0]);
        command.Parameters.AddWithValue("$series", after[1]);
        command.Parameters.AddWithValue("$dur", after[2]);
        command.Parameters.AddWithValue("$points", points);
        using var row = command.ExecuteReader();
        for (; row.Read(); batch.Points++)
        {
            after = [row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)];
            var isGone = !row.IsDBNull(7);
            if (_series.Of(after[1]) is { } series)
                batch.Samples.Add(new ForwardSample(series, after[0], after[2], row.GetDouble(3),
                    row.GetInt64(4), row.IsDBNull(5) ? double.NaN : row.GetDouble(5),
                    row.IsDBNull(6) ? ForwardSample.NoOffset : row.GetInt16(6), isGone,
                    place.Again && !isGone));
        }

        return batch.Points > 0 ? Json.Write(after) : null;
    }

    string? Mirrored(ForwardGathering batch, WalkPlace place, int points)
    {
        var after = place.After.Length > 0 ? Json.Read<string[]>(place.After) : ["0", ""];
        var window = after[1].Split('|');
        var names = _reader.Query<(long Wearer, string Reference)>(_next[(int)place.Step], new
        {
            wearer = long.Parse(after[0]), reference = after[1], points, target = window[0],
            start = window is [_, var start] && place.Step == WalkStep.Windows
                ? long.Parse(start) : long.MinValue,
        }).ToList();
        foreach (var (wearer, reference) in names)
            batch.Mirror(new MirrorName(KindOf(place.Step), wearer, reference));
        batch.Points = names.Count;
        return names is [.., var last] ? Json.Write<string[]>([$"{last.Wearer}", last.Reference]) : null;
    }

    static MirroredKind KindOf(WalkStep step) => step switch
    {
        WalkStep.Forecasts => MirroredKind.Forecast,
        WalkStep.Windows => MirroredKind.RiskWindow,
        WalkStep.Episodes => MirroredKind.Episode,
        _ => MirroredKind.Alert,
    };
}
