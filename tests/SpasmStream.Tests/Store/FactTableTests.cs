using SpasmStream.Core.Signals;
using SpasmStream.Tests.Assess;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Objects with an id: replaced as a whole, taken back as a whole, whatever the order.</summary>
public sealed class FactTableTests
{
    static readonly Instant _at = Instant.FromUtc(2026, 3, 8, 21, 0);

    [Fact]
    public async Task B36_An_upsert_redelivered_after_its_delete_stays_deleted()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Fact("a", 1, After(1), Bpm(0, 60)), Said.FactBack("a", 1, After(2)));
        await journal.KeepAsync(Said.Fact("a", 1, After(3), Bpm(0, 60)));
        await journal.KeepAsync(Said.Fact("a", 0, After(4), Bpm(0, 61)));

        Assert.Equal(["60"], Known(journal, 1));
        Assert.Empty(Known(journal, 2));
        Assert.Empty(Known(journal, 9));
        Assert.Equal([512L], journal.Query<long>("SELECT flags & 512 FROM sample"));
    }

    [Fact]
    public async Task D5_A_delete_that_overtook_its_upsert_still_counts_and_a_higher_revision_stands_again()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.FactBack("a", 3, After(2)), Said.Fact("a", 3, After(5), Bpm(0, 60)));
        Assert.Empty(Known(journal, 9));

        await journal.KeepAsync(Said.Fact("a", 4, After(6), Bpm(0, 64)));

        Assert.Empty(Known(journal, 5));
        Assert.Equal(["64"], Known(journal, 6));
    }

    [Fact]
    public async Task D5_A_moved_sample_leaves_nothing_where_it_was_and_what_was_known_before_can_be_told()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Fact("a", 0, After(1), Bpm(0, 60), Bpm(1, 61)),
            Said.Fact("a", 0, After(2), Bpm(1, 61), Bpm(7, 60)));

        Assert.Equal(["60", "61"], Known(journal, 1));
        Assert.Equal(["61", "60"], Known(journal, 2));
    }

    [Fact]
    public async Task D5_What_a_later_version_dropped_stands_again_in_the_version_after_it()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Fact("a", 0, After(1), Bpm(0, 60), Bpm(1, 61)),
            Said.Fact("a", 0, After(2), Bpm(0, 60)), Said.Fact("a", 0, After(3), Bpm(0, 62), Bpm(1, 61)));

        Assert.Equal(["60"], Known(journal, 2));
        Assert.Equal(["62", "61"], Known(journal, 3));
    }

    [Fact]
    public async Task D5_Taking_one_thing_back_uncovers_what_others_said_at_its_key()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Samples(After(1), Bpm(0, 60)), Said.Fact("a", 5, After(2), Bpm(0, 65)),
            Said.FactBack("a", 5, After(3)), Said.Fact("b", 0, After(4), Bpm(0, 70)));

        Assert.Equal(["60", "65", "60", "70"], Enumerable.Range(1, 4).SelectMany(k => Known(journal, k)));
        Assert.Equal([70.0], journal.Query<double>("SELECT value FROM sample"));
    }

    [Fact]
    public async Task D5_What_is_taken_back_makes_its_hours_dirty_again()
    {
        using var journal = new Journal();
        await journal.KeepAsync(Said.Fact("a", 0, After(1), Bpm(0, 60), Bpm(90, 61)));
        await journal.ExecuteAsync("DELETE FROM dirty");

        await journal.KeepAsync(Said.FactBack("a", 0, After(200)));

        Assert.Equal([_at, _at + Duration.FromHours(1)],
            journal.History().ChangedHours(Journal.Ada, After(1), After(200)).Select(hour => hour.Start));
    }

    [Fact]
    public async Task B36_What_was_refused_of_a_version_and_is_accepted_later_comes_to_it()
    {
        using var journal = new Journal();
        var whole = Said.Fact("a", 0, After(1), Bpm(0, 60), Bpm(1, 61), Bpm(2, 62));
        var sent = whole.Decoded;
        var partly = whole with
        {
            Decoded = sent with
            {
                Samples = [.. sent.Samples.Take(1)], Facts = [sent.Facts[0] with { Count = 1 }],
            },
        };

        await journal.KeepAsync(partly);
        await journal.KeepAsync(whole);
        await journal.KeepAsync(partly);
        Assert.Equal(["60", "61", "62"], Known(journal, 1));
        Assert.Equal([4L], journal.Query<long>(
            "SELECT sum(value) FROM counter WHERE name IN ('SamplesStored', 'MessagesDuplicate')"));

        // All of it is taken back together, also what came later.
        await journal.KeepAsync(Said.FactBack("a", 0, After(2)));
        Assert.Empty(Known(journal, 2));
    }

    [Fact]
    public async Task A_sample_with_an_id_whose_key_is_free_costs_one_statement_like_any_other()
    {
        using var store = new TempStore();
        var arrival = Said.Fact("a", 0, After(1), Enumerable.Range(0, 1_000).Select(i => Bpm(i, 60)));

        var statements = await store.RunAsync(session =>
        {
            var count = 0;
            SQLitePCL.raw.sqlite3_trace(session.Connection.Handle, (object _, string _) => count++, null);
            Appending.Run(session, [arrival]);
            SQLitePCL.raw.sqlite3_trace(session.Connection.Handle, (SQLitePCL.strdelegate_trace?)null, null);
            return count;
        });

        Assert.Equal("1000", store.Row("SELECT count(*) FROM sample WHERE fact<>0"));
        Assert.InRange(statements, 1_000, 1_100);
    }

    [Fact]
    public async Task B37_Any_order_and_any_batches_give_the_rows_and_the_past_that_the_rule_says()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var messages = Messages(new Random(seed));
            HashSet<string> rows = [];
            for (var order = 0; order < 8; order++)
            {
                var random = new Random(order);
                Arrival[] shuffled = [.. messages, .. messages.Where(_ => random.Next(4) == 0)];
                random.Shuffle(shuffled);
                using var journal = new Journal();
                var recording = new Recording();
                await journal.KeepAsync(shuffled, () => random.Next(1, 9));
                foreach (var message in shuffled)
                    recording.Add(message.Delivery, message.Decoded);
                rows.Add(journal.HashOf("sample", "sample_superseded") + journal.HashOf(Facts));
                for (var k = 0; k <= 30; k += order == 0 ? 1 : 10)
                {
                    Assert.Equal(Rule(messages, k), Known(journal, k));
                    Assert.Equal(Rule(messages, k), Texts(Read(recording, k)));
                }
            }

            Assert.Single(rows);
        }
    }

    const string Facts =
        "(SELECT device, kind, id, rev, withdrawn, hash, received, replayed, payload FROM sample_fact)";

    /// <summary>Few ids and few keys, so that most messages meet.</summary>
    static List<Arrival> Messages(Random random)
    {
        List<Arrival> messages = [];
        for (var i = 0; i < 40; i++)
        {
            var (id, rev) = ($"id{random.Next(3)}", random.Next(3));
            // No two receipts alike: what comes within one millisecond has a rule of its own.
            var received = After(random.Next(1, 30)) + Duration.FromMilliseconds(i);
            var samples = Enumerable.Range(0, 4).Where(_ => random.Next(2) == 0)
                .Select(minute => Bpm(minute, 60 + random.Next(4))).ToList();
            messages.Add(random.Next(4) == 0 ? Said.FactBack(id, rev, received)
                : random.Next(5) == 0 && samples.Count > 0 ? Said.Samples(received, samples)
                : Said.Fact(id, rev, received, samples));
        }

        return messages;
    }

    /// <summary>The rule, spelled out over all messages received by then.</summary>
    static List<string> Rule(List<Arrival> messages, int minute)
    {
        var known = messages.Where(m => m.Delivery.Received <= After(minute)).ToList();
        var standing = known.Where(m => m.Decoded.Facts.Count == 0).SelectMany(m => m.Decoded.Samples)
            .GroupBy(s => (s.Start, s.Value)).Select(same => same.MinBy(s => s.Received)).ToList();
        foreach (var versions in known.Where(m => m.Decoded.Facts.Count > 0)
            .GroupBy(m => m.Decoded.Facts[0].Id))
        {
            var back = versions.Where(m => m.Decoded.Facts[0].Withdrawn)
                .Select(m => m.Decoded.Facts[0].Revision).DefaultIfEmpty(-1).Max();
            // A version told twice counts from its first receipt.
            var last = versions
                .Where(m => !m.Decoded.Facts[0].Withdrawn && m.Decoded.Facts[0].Revision > back)
                .GroupBy(m => Convert.ToHexString(m.Decoded.Facts[0].Json.Span))
                .Select(same => same.MinBy(m => m.Delivery.Received)!)
                .MaxBy(m => (m.Decoded.Facts[0].Revision, m.Delivery.Received));
            standing.AddRange(last?.Decoded.Samples ?? []);
        }

        return Texts(standing.GroupBy(s => s.Start).OrderBy(key => key.Key)
            .Select(rivals => rivals.MaxBy(s => (s.Revision, s.Received, s.Value))));
    }

    static List<string> Known(Journal journal, int minute)
    {
        using var history = new SqliteHistory(journal.File, null);
        return Texts(history.Samples(Journal.Ada, _at, _at + Duration.FromHours(3), After(minute)));
    }

    static IEnumerable<Sample> Read(Recording recording, int minute) => recording
        .Samples(Journal.Ada, _at, _at + Duration.FromHours(3), After(minute)).OrderBy(s => s.Start);

    static List<string> Texts(IEnumerable<Sample> samples) => [.. samples.Select(s => $"{s.Value}")];

    static Sample Bpm(int minute, double value) => Said.Sample(Signal.HeartRate, After(minute), value);

    static Instant After(int minutes) => _at + Duration.FromMinutes(minutes);
}
