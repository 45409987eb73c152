using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Second deliveries of what has no instant of its own, and of what was refused.</summary>
public sealed class RepeatedMessageTests
{
    static readonly Delivery _beat = Some.Message("""{"bytes":"10 48"}""") with { Dup = false };

    [Fact]
    public async Task B29_A_second_delivery_of_a_message_without_an_instant_makes_no_second_row()
    {
        using var store = new TempStore();
        var again = _beat with { Dup = true, Received = _beat.Received + Duration.FromMinutes(5) };

        await KeepAsync(store, _beat, again);

        Assert.Equal($"{_beat.Received.ToUnixTimeMilliseconds()}", store.Row("SELECT t FROM sample"));
        Assert.Equal("1|1", store.Row("""
            SELECT (SELECT value FROM counter WHERE name='MessagesDuplicate'),
                (SELECT value FROM counter WHERE name='SamplesDuplicate')
            """));
    }

    [Fact]
    public async Task B29_The_same_bytes_said_again_are_another_message()
    {
        using var store = new TempStore();
        var later = _beat with { Received = _beat.Received + Duration.FromMinutes(5) };

        await KeepAsync(store, _beat, later);
        // The only copy that arrived may be marked as a second one.
        await KeepAsync(store, later with
        {
            Dup = true, Topic = Some.HeartRate + "x", Received = later.Received + Duration.FromMinutes(5),
        });

        Assert.Equal("3", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task B29_A_recurring_message_whose_first_delivery_was_lost_is_not_taken_for_an_older_one()
    {
        using var store = new TempStore();

        await KeepAsync(store, _beat with { PacketId = 7 });
        var next = _beat with
        {
            Dup = true, PacketId = 8, Received = _beat.Received + Duration.FromMinutes(5),
        };
        await KeepAsync(store, next, next with { Received = next.Received + Duration.FromMinutes(1) });

        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
    }

    [Theory]
    [InlineData(0x0107, 0x0207)]
    [InlineData(0x0107, 0x0108)]
    [InlineData(0x0107, 0x0701)]
    public async Task B29_Identifiers_that_differ_in_either_half_are_of_two_messages(int one, int other)
    {
        using var store = new TempStore();

        await KeepAsync(store, _beat with { PacketId = (ushort)one }, _beat with
        {
            PacketId = (ushort)other, Dup = true, Received = _beat.Received + Duration.FromMinutes(5),
        });

        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task B29_What_its_sender_knows_to_be_acknowledged_is_not_what_comes_again()
    {
        using var store = new TempStore();
        await KeepAsync(store, _beat);
        Instant Kept() => Instant.FromUnixTimeMilliseconds(
            long.Parse(store.Row("SELECT kept FROM message_key")));

        await KeepAsync(store, Again(1, Kept()));
        Assert.Equal("1", store.Row("SELECT count(*) FROM sample"));
        // The next day's, under the same identifier: its first delivery was cut off before the commit.
        await KeepAsync(store, Again(1440, Kept() + Duration.FromMilliseconds(1)));
        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
        await KeepAsync(store, Again(1441, Kept()));
        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task B29_A_message_that_comes_a_third_time_counts_from_the_second()
    {
        using var store = new TempStore();
        var time = new SteppedTime(Some.Start);

        var repeated = await store.RunAsync(session =>
        {
            var keys = new MessageKeyTable(session.Connection, time);
            var first = keys.IsRepeated(_beat);
            time.Advance(TimeSpan.FromHours(5));
            var second = keys.IsRepeated(Again(0, Some.Start));
            return (first, second, keys.IsRepeated(Again(0, Some.Start + Duration.FromHours(4))));
        });

        Assert.Equal((false, true, true), repeated);
    }

    [Fact]
    public async Task B29_A_key_is_kept_for_eight_days()
    {
        using var store = new TempStore();
        await KeepAsync(store, _beat);
        // By our own clock, not by a receipt that was stated.
        var kept = Instant.FromUnixTimeMilliseconds(long.Parse(store.Row("SELECT kept FROM message_key")));
        Task EvictAsync(Duration after) => Eviction.Begin(store.Options, kept + after, overflow: null)!
            .SliceAsync(store.Writer, SliceSize.Most);

        Assert.True(kept > _beat.Received + Duration.FromDays(8));
        await EvictAsync(Duration.FromDays(8));
        Assert.Equal("1", store.Row("SELECT count(*) FROM message_key"));
        await EvictAsync(Duration.FromDays(8) + Duration.FromMilliseconds(1));
        Assert.Equal("0", store.Row("SELECT count(*) FROM message_key"));
    }

    [Fact]
    public async Task B38_A_refused_message_delivered_twice_leaves_one_dead_letter()
    {
        using var store = new TempStore();
        var poison = Some.Message("not json");

        var outcomes = await store.AppendAsync(
            poison, poison with { Dup = true, Received = poison.Received + Duration.FromMinutes(1) });

        Assert.All(outcomes, outcome => Assert.Equal("json", outcome.Reason));
        Assert.Equal("1|1|1", store.Row("""
            SELECT (SELECT count(*) FROM dead_letter),
                (SELECT value FROM counter WHERE name='MessagesDead'),
                (SELECT value FROM counter WHERE name='MessagesDuplicate')
            """));
    }

    [Fact]
    public async Task B38_A_batch_delivered_twice_is_a_duplicate_and_its_bad_part_is_said_once()
    {
        using var store = new TempStore();
        var batch = Some.Message($$"""[{"v":1,"t":{{Some.Ms(0)}},"bpm":60},{"v":1,"t":1,"bpm":60}]""");

        await store.AppendAsync(batch, batch with { Dup = true });

        Assert.Equal("1|1|1", store.Row("""
            SELECT (SELECT count(*) FROM dead_letter), (SELECT count(*) FROM sample),
                (SELECT value FROM counter WHERE name='MessagesDuplicate')
            """));
    }

    static Delivery Again(int minutes, Instant repeatsFrom) => _beat with
    {
        Dup = true, RepeatsFrom = repeatsFrom, Received = _beat.Received + Duration.FromMinutes(minutes),
    };

    static Task<DeliveryOutcome[]> KeepAsync(TempStore store, params Delivery[] deliveries) =>
        store.RunAsync(session => Appending.Run(session, [.. deliveries.Select(Of)]));

    static Arrival Of(Delivery delivery) => new(delivery, new Decoded
    {
        Wearer = new WearerId("ada"),
        Device = "watch",
        Kind = "raw2a37",
        HasOwnInstant = false,
        Samples = [Some.Sample(72, 0) with { Start = delivery.Received, Received = delivery.Received }],
    });
}
