using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class DeadLetterTableTests
{
    static readonly Instant _now = Some.Start + Duration.FromDays(40);

    [Fact]
    public async Task D8_A_dead_letter_says_why_names_a_pseudonym_and_keeps_the_bytes()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));

        var outcomes = await store.AppendAsync(Some.Message("""{"v":1,"t":1773003600000}"""));

        Assert.Equal("missing:bpm", Assert.Single(outcomes).Reason);
        Assert.Equal("missing:bpm|1|25", store.Row(
            "SELECT reason, pseudonym=(SELECT pseudonym FROM wearer), size FROM dead_letter"));
        Assert.DoesNotContain("ada", store.Row("SELECT pseudonym FROM dead_letter"),
            StringComparison.Ordinal);
        Assert.Equal("""{"v":1,"t":1773003600000}""",
            store.Row("SELECT CAST(payload AS TEXT) FROM dead_payload"));
        Assert.InRange(int.Parse(store.Row("SELECT length(detail) FROM dead_letter")), 1, 200);
    }

    [Fact]
    public async Task D8_Detail_and_payload_are_cut_to_their_limits()
    {
        using var store = new TempStore();

        await PutAsync(store, _now, new byte[200_000], detail: new string('d', 1000));

        Assert.Equal("200|200000|65536", store.Row("""
            SELECT length(detail), size,
                length(payload) FROM dead_letter JOIN dead_payload ON hash=payload_hash
            """));
    }

    [Fact]
    public async Task D8_A_payload_that_several_rows_name_is_kept_once()
    {
        using var store = new TempStore();

        await PutAsync(store, _now, [1, 2, 3], rows: 5);

        Assert.Equal("5|1", store.Row(
            "SELECT (SELECT count(*) FROM dead_letter), count(*) FROM dead_payload"));
    }

    [Fact]
    public async Task D8_What_is_older_than_its_days_goes_with_its_payload_and_is_counted()
    {
        using var store = new TempStore(new StoreOptions { DeadLetterDays = 30 });
        await PutAsync(store, _now - Duration.FromDays(30) - Duration.FromSeconds(1), [1]);
        await PutAsync(store, _now - Duration.FromDays(30) + Duration.FromSeconds(1), [2]);

        Assert.Equal(1, await EvictAsync(store));

        Assert.Equal("02", store.Row("SELECT payload FROM dead_payload"));
        Assert.Equal("1", store.Row("SELECT count(*) FROM dead_letter"));
    }

    [Fact]
    public async Task D8_Too_many_bytes_evict_the_oldest_and_no_more_than_needed()
    {
        using var store = new TempStore(new StoreOptions { DeadLetterMebibytes = 1 });
        for (var i = 0; i < 20; i++)
            await PutAsync(store, _now - Duration.FromMinutes(20 - i), Payload(i));

        // 16 of 64 KiB are one MiB.
        Assert.Equal(4, await EvictAsync(store));

        Assert.Equal("5|20|16", store.Row("SELECT min(id), max(id), count(*) FROM dead_letter"));
        Assert.Equal("1048576", store.Row("SELECT sum(length(payload)) FROM dead_payload"));
        Assert.Equal(0, await EvictAsync(store));
    }

    static byte[] Payload(int i)
    {
        var payload = new byte[64 * 1024];
        payload[0] = (byte)i;
        return payload;
    }

    [Fact]
    public async Task D8_A_message_of_many_bad_items_makes_a_hundred_rows_that_stand_for_all()
    {
        using var store = new TempStore();

        await PutAsync(store, _now, [1], rows: 50_000);

        Assert.Equal("100|50000|1", store.Row(
            "SELECT count(*), sum(items), count(DISTINCT payload_hash) FROM dead_letter"));
    }

    [Fact]
    public async Task D8_A_letter_of_an_import_is_as_old_as_its_import_whatever_receipt_was_stated()
    {
        using var store = new TempStore();
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        await store.AppendAsync(Some.Message("{", now - Duration.FromDays(1_000)) with { Replayed = true });

        Assert.Equal(0, await EvictAsync(store, now + Duration.FromDays(29)));
        Assert.Equal(1, await EvictAsync(store, now + Duration.FromDays(31)));
    }

    [Fact]
    public async Task D8_Evicting_goes_in_slices_of_at_most_500_rows()
    {
        using var store = new TempStore();
        for (var i = 0; i < 12; i++)
            await PutAsync(store, _now - Duration.FromDays(50), [(byte)i], rows: 100);

        Assert.Equal(500, await EvictAsync(store, slices: 1));
        Assert.Equal(700, await EvictAsync(store));
        Assert.Equal("0|0", store.Row(
            "SELECT count(*), (SELECT count(*) FROM dead_payload) FROM dead_letter"));
    }

    [Fact]
    public async Task D8_What_came_in_since_is_seen_to_be_too_much()
    {
        using var store = new TempStore(new StoreOptions { DeadLetterMebibytes = 1 });
        var space = new DeadLetterSpace(store.File, store.Options);
        for (var i = 0; i < 16; i++)
            await PutAsync(store, _now, Payload(i));
        Assert.Null(space.Overflow());
        await PutAsync(store, _now, Payload(16));

        Assert.Equal(1, space.Overflow());
        // Named again, the oldest payload is the newest.
        await PutAsync(store, _now, Payload(0));
        Assert.Equal(2, space.Overflow());
    }

    static Task<int> PutAsync(
        TempStore store, Instant received, byte[] payload, int rows = 1, string detail = "d") =>
        store.RunAsync(session =>
        {
            var put = session.DeadLetters.Put(
                new Delivery { Topic = Some.HeartRate, Payload = payload, Received = received }, "w-1",
                [.. Enumerable.Range(0, rows).Select(i => new Rejection("json", detail, i))]);
            // As if it had come at its receipt.
            session.Execute("UPDATE dead_letter SET kept=received");
            return put;
        });

    static Task<long> EvictAsync(TempStore store, Instant? now = null, int slices = int.MaxValue) =>
        Eviction.Begin(store.Options, now ?? _now, new DeadLetterSpace(store.File, store.Options).Overflow())!
            .SliceAsync(store.Writer, SliceSize.Most, slices);
}
