using System.Security.Cryptography;
using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class SampleTableTests
{
    const string AllRows = """
        SELECT t, device, signal, stat, source, dur, value, received, rev, flags, q, off, 'won' FROM sample
            JOIN series ON series.id=series
        UNION ALL SELECT t, device, signal, stat, source, dur, value, received, rev, flags, q, off, 'lost'
            FROM sample_superseded JOIN series ON series.id=series
        ORDER BY 1, 2, 3, 4, 5, 6, 13, 9, 8, 7
        """;

    [Fact]
    public async Task D5_A_duplicate_changes_nothing_and_keeps_the_first_receipt()
    {
        using var store = new TempStore();

        Assert.Equal([SampleFate.Stored, SampleFate.Duplicate],
            await PutAsync(store, Some.Sample(60, 100), Some.Sample(60, 200)));

        Assert.Equal("60.0|100", store.Row(WithReceipt("sample")));
        Assert.Empty(store.Rows("SELECT * FROM sample_superseded"));
    }

    [Fact]
    public async Task D5_The_first_receipt_of_a_duplicate_is_found_in_any_order()
    {
        using var store = new TempStore();

        await PutAsync(store, Some.Sample(60, 200), Some.Sample(60, 100));

        Assert.Equal("60.0|100", store.Row(WithReceipt("sample")));
    }

    [Fact]
    public async Task D5_A_higher_revision_wins_and_the_other_is_kept_apart()
    {
        using var store = new TempStore();

        var fates = await PutAsync(store, Some.Sample(60, 100, rev: 1), Some.Sample(61, 50, rev: 2));

        Assert.Equal(SampleFate.Replaced, fates[1]);
        Assert.Equal("61.0|50", store.Row(WithReceipt("sample")));
        Assert.Equal("60.0|100", store.Row(WithReceipt("sample_superseded")));
    }

    [Fact]
    public async Task D5_A_lower_revision_after_a_higher_one_loses()
    {
        using var store = new TempStore();

        var fates = await PutAsync(store, Some.Sample(61, 100, rev: 2), Some.Sample(60, 200, rev: 1));

        Assert.Equal(SampleFate.Superseded, fates[1]);
        Assert.Equal("61.0|100", store.Row(WithReceipt("sample")));
    }

    [Fact]
    public async Task D5_Without_a_revision_the_later_arrival_wins()
    {
        using var store = new TempStore();

        await PutAsync(store, Some.Sample(60, 100), Some.Sample(59, 200), Some.Sample(61, 150));

        Assert.Equal("59.0|200", store.Row(WithReceipt("sample")));
        Assert.Equal(["60.0|100", "61.0|150"],
            store.Rows(WithReceipt("sample_superseded") + " ORDER BY received"));
    }

    [Fact]
    public async Task D5_Two_that_differ_only_in_quality_leave_the_same_row_in_any_order()
    {
        using var one = new TempStore();
        using var other = new TempStore();

        await PutAsync(one, Some.Sample(60, 100, quality: 0.5), Some.Sample(60, 100),
            Some.Sample(60, 100, quality: 0.9));
        await PutAsync(other, Some.Sample(60, 100, quality: 0.9), Some.Sample(60, 100, quality: 0.5),
            Some.Sample(60, 100));

        Assert.Equal(one.Rows(AllRows), other.Rows(AllRows));
    }

    [Fact]
    public async Task D5_The_same_messages_in_any_order_and_any_batches_give_the_same_rows()
    {
        var random = new Random(20260308);
        var messages = Messages(random);
        var hashes = new HashSet<string>();

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(messages);
            hashes.Add(await HashAsync(messages, batch: 1 + random.Next(round % 2 == 0 ? 3 : 120)));
        }

        Assert.Single(hashes);
    }

    /// <summary>Few keys, so that most messages meet rivals.</summary>
    static Delivery[] Messages(Random random)
    {
        var messages = new List<Delivery>();
        for (var i = 0; i < 300; i++)
        {
            var received = Some.Start + Duration.FromHours(1) + Duration.FromMilliseconds(random.Next(40));
            int? rev = random.Next(3) == 0 ? random.Next(4) : null;
            var (second, bpm) = (random.Next(25), 60 + random.Next(4));
            messages.Add(random.Next(4) > 0 ? Some.Bpm(second, bpm, received, rev) : Some.Message(
                $$"""{"v":1,"t":{{Some.Ms(second)}},"q":{{random.Next(3)}}e-1,"bpm":{{bpm}}}""",
                received));
            if (random.Next(5) == 0)
                messages.Add(messages[random.Next(messages.Count)]);
        }

        return [.. messages];
    }

    static async Task<string> HashAsync(Delivery[] messages, int batch)
    {
        using var store = new TempStore();
        foreach (var chunk in messages.Chunk(batch))
            await store.AppendAsync(chunk);
        var rows = store.Rows(AllRows);
        Assert.True(rows.Count > 60 && rows.Count(row => row.EndsWith("lost", StringComparison.Ordinal)) > 30,
            $"{rows.Count} rows: too few rivals to show anything.");
        Assert.Equal("300", store.Row("""
            SELECT sum(value)-(SELECT sum(value) FROM counter WHERE name='MessagesReceived')+300 FROM counter
            WHERE name IN
                ('MessagesStored','MessagesDuplicate','MessagesDead','MessagesEmpty','MessagesIgnored')
            """));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Join('\n', rows.Concat(
                store.Rows("SELECT hour, first, last FROM dirty ORDER BY hour"))))));
    }

    static Task<SampleFate[]> PutAsync(TempStore store, params Sample[] samples) => store.RunAsync(session =>
    {
        var wearer = session.Names.Wearer(new WearerId("ada"), Some.Start);
        return samples.Select(sample =>
            session.Samples.Put(session.Names.Series(wearer, sample.Series), sample)).ToArray();
    });

    static string WithReceipt(string table) =>
        $"SELECT value, received-{Some.Start.ToUnixTimeMilliseconds()} FROM {table}";
}
