using System.Globalization;
using System.Security.Cryptography;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>
/// Columns of equal instants and many revisions, within few milliseconds, against the rule spelled out over
/// all of them: which row stands, which are kept beside it, and since when each is gone.
/// </summary>
public sealed class CrowdedOrderTests
{
    static readonly Instant _from = Some.Start + Duration.FromHours(1);

    [Fact]
    public async Task D5_Equal_instants_and_many_revisions_leave_the_rows_of_the_rule_in_any_order()
    {
        for (var seed = 0; seed < 8; seed++)
        {
            var random = new Random(seed);
            Delivery[] messages = [.. Enumerable.Range(0, 60).Select(_ => Message(random))];
            var expected = Rule(messages);
            Assert.True(expected.Count > 100, $"{expected.Count} rows: too few to show anything.");
            for (var order = 0; order < 5; order++)
            {
                using var store = new TempStore();
                Delivery[] shuffled = [.. messages, .. messages.Where(_ => random.Next(4) == 0)];
                random.Shuffle(shuffled);
                foreach (var batch in shuffled.Chunk(1 + random.Next(30)))
                    await store.AppendAsync(batch);

                Assert.Equal(expected, Rows(store));
            }
        }
    }

    static Delivery Message(Random random)
    {
        var received = _from + Duration.FromMilliseconds(random.Next(20));
        return Some.Message(random.Next(4) switch
        {
            0 => Column(random, $",\"rev\":{random.Next(3)}"),
            1 => $$"""{{Column(random, "")[..^1]}},"q":0.{{random.Next(1, 10)}}}""",
            2 => Version(random),
            _ => $"[{string.Join(',', Enumerable.Range(0, random.Next(1, 9)).Select(_ => Version(random)))}]",
        }, received);
    }

    static string Version(Random random)
    {
        var name = $"\"id\":\"{"ab"[random.Next(2)]}\",\"rev\":{random.Next(5)}";
        return random.Next(5) == 0 ? $$"""{"v":1,"op":"delete",{{name}}}""" : Column(random, "," + name);
    }

    static string Column(Random random, string more)
    {
        var count = random.Next(1, 6);
        var offsets = string.Join(',', Enumerable.Repeat("0", count));
        var values = string.Join(',', Enumerable.Range(0, count).Select(_ => random.Next(60, 66)));
        return $$"""
            {"v":1,"t0":{{Some.Ms(random.Next(2))}},"dt":[{{offsets}}],"bpm":[{{values}}]{{more}}}
            """;
    }

    sealed record Row(long Start, double Value, long Received, int Revision, double? Quality, long Fact,
        long? Gone);

    static List<string> Rule(Delivery[] messages)
    {
        List<Row> rows = [];
        var versions = new List<(string Id, FactVersion Version, List<Sample> Samples)>();
        foreach (var (delivery, decoded, _) in messages.Select(TempStore.Read))
        {
            var plain = decoded.Samples.ToHashSet();
            foreach (var fact in decoded.Facts)
            {
                var samples = decoded.Samples.Skip(fact.First).Take(fact.Count).ToList();
                plain.ExceptWith(samples);
                versions.Add((fact.Id, new FactVersion(fact.Revision, fact.Withdrawn,
                    Convert.ToHexString(SHA256.HashData(fact.Json.Span)),
                    Ms.Of(delivery.Received)), samples));
            }

            rows.AddRange(plain.Select(one => RowOf(one, one.Revision, Ms.Of(delivery.Received), 0, null)));
        }

        foreach (var id in versions.GroupBy(one => one.Id))
        {
            // Told twice it counts from its first receipt.
            var known = id.GroupBy(one => one.Version with { Received = 0 })
                .Select(same => same.MinBy(one => one.Version.Received)).ToList();
            rows.AddRange(known.SelectMany(one => one.Samples.Select(sample => RowOf(sample,
                one.Version.Revision, one.Version.Received, one.Version.Number("heart-rate", id.Key),
                one.Version.GoneAt(known.Select(other => other.Version))))));
        }

        return [.. rows.GroupBy(row => (row.Start, row.Value, row.Revision, row.Fact))
            .Select(same => same.MinBy(row => (row.Received, row.Quality ?? double.NegativeInfinity))!)
            .GroupBy(row => row.Start).SelectMany(Texts).Order(StringComparer.Ordinal)];
    }

    static Row RowOf(in Sample sample, int revision, long received, long fact, long? gone) =>
        new(Ms.Of(sample.Start), sample.Value, received, revision, sample.Quality, fact, gone);

    static IEnumerable<string> Texts(IEnumerable<Row> rivals)
    {
        var winner = rivals.MaxBy(row => (row.Gone is null, row.Revision, row.Received, row.Value, row.Fact));
        return rivals.Select(row => string.Create(CultureInfo.InvariantCulture,
            $"{(row == winner ? "won" : "lost")} {row.Start} {row.Value:0} {row.Received} {row.Revision} "
            + $"{row.Quality * 10 ?? -1:0} {row.Fact} {row.Gone ?? -1} {(row.Gone is null ? 0 : 512)}"));
    }

    static List<string> Rows(TempStore store)
    {
        const string text = """
            format(' %d %d %d %d %d %d %d %d', t, value, received, rev, coalesce(round(q*10), -1), fact,
                coalesce(gone, -1), flags & 512)
            """;
        return [.. store.Rows($"""
            SELECT 'won'||{text} FROM sample UNION ALL SELECT 'lost'||{text} FROM sample_superseded
            """).Order(StringComparer.Ordinal)];
    }
}
