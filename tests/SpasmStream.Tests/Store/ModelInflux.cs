using Dapper;
using SpasmStream.Tests.Assess;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>
/// A forwarder, and what is at its other end: a later point overwrites one of its identity.
/// </summary>
sealed class ModelInflux(TempStore store) : IDisposable
{
    readonly Dictionary<string, string> _samples = [];
    ForwardQueue? _queue;

    public Dictionary<(MirroredKind, string Key, long At), MirroredRow> Mirrored { get; } = [];

    /// <summary>Points taken so far.</summary>
    public int Taken { get; private set; }

    /// <summary>What it holds, to be compared with <see cref="Standing"/>.</summary>
    public IEnumerable<string> Held => _samples.Select(one => $"{one.Key} {one.Value}").Order();

    public ForwardQueue Queue => _queue ??= new ForwardQueue(
        store.File, store.Writer, Said.Reader(), SampleWriting.Of);

    /// <summary>What stands in the store.</summary>
    public static IReadOnlyList<string> Standing(TempStore store)
    {
        using var reader = store.File.OpenReader();
        return [.. reader.Query<(string, string, long, long, string, long, long, double, long, double?, long?,
            long)>("""
            SELECT pseudonym, device, signal, stat, source, t, dur, value, sample.received, q, off,
                gone IS NOT NULL
            FROM sample JOIN series ON series.id=series JOIN wearer ON wearer.id=wearer
            """)
            .Select(row => FormattableString.Invariant(
                $"{row.Item1} {row.Item2} {row.Item3} {row.Item4} '{row.Item5}' {row.Item6}+{row.Item7} ")
                + Words(row.Item8, row.Item9, row.Item10, row.Item11, row.Item12 != 0))
            .Order()];
    }

    /// <summary>One batch there and back; false when nothing waits.</summary>
    public async Task<bool> StepAsync(int points = 5_000, params IReadOnlyList<RefusedPoint> refused)
    {
        if (await TakeAsync(points) is not { } batch)
            return false;
        await Queue.ForwardedAsync(batch, refused, TestContext.Current.CancellationToken);
        return true;
    }

    public async Task DrainAsync(int points = 5_000)
    {
        while (await StepAsync(points))
            Assert.True(Taken < 1_000_000, "It never ends.");
    }

    /// <summary>A batch that arrives, and of which nobody here hears that it did.</summary>
    public async Task<ForwardBatch?> TakeAsync(int points = 5_000)
    {
        if (await Queue.TakeAsync(points, TestContext.Current.CancellationToken) is not { } batch)
            return null;
        Taken += batch.Points;
        foreach (var sample in batch.Samples)
            _samples[Key(sample)] = Words(sample.Value, sample.Received,
                double.IsNaN(sample.Quality) ? null : sample.Quality,
                sample.OffsetMinutes == ForwardSample.NoOffset ? null : sample.OffsetMinutes, sample.Gone);
        foreach (var row in batch.Mirrored)
            Mirrored[(row.Kind, row.Key, row.At)] = row;
        return batch;
    }

    /// <summary>The worker is gone and comes back.</summary>
    public void Restart()
    {
        Dispose();
        _queue = null;
        store.Close();
    }

    /// <summary>journalled = forwarded + refused + dropped + erased + waiting.</summary>
    public static void AssertAddsUp(TempStore store) => Assert.Equal("0", store.Row("""
        SELECT coalesce(sum(CASE name WHEN 'PointsJournalled' THEN value ELSE -value END), 0)
            - (SELECT coalesce(sum(points), 0) FROM forward)
        FROM counter WHERE name IN
            ('PointsJournalled', 'PointsForwarded', 'PointsRefused', 'PointsDropped', 'PointsErased')
        """));

    public void Dispose() => _queue?.Dispose();

    static string Key(ForwardSample sample)
    {
        var (wearer, series) = (sample.Series.Wearer, sample.Series.Series);
        return $"{wearer} {series.Device} {(int)series.Signal} {(int)series.Stat} '{series.Source}' "
            + $"{sample.Start}+{sample.Duration}";
    }

    static string Words(double value, long received, double? quality, long? offset, bool gone) =>
        FormattableString.Invariant($"{value:R} {received} {quality:R} {offset} {gone}");
}
