using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

public sealed class PaceTests
{
    static readonly PacketHead _once = new(0x30, 2, 98);
    static readonly PacketHead _atLeastOnce = new(0x32, 2, 98);
    static readonly PacketHead _puback = new(0x40, 2, 2);

    readonly FakeTimeProvider _time = new();

    [Fact]
    public void S11_Five_hundred_messages_at_once_are_free_and_then_fifty_a_second()
    {
        var pace = new Pace(50, 256_000, _time);

        for (var i = 0; i < 500; i++)
            Assert.Equal(TimeSpan.Zero, pace.Charge(_once).Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(20), pace.Charge(_once).Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(40), pace.Charge(_atLeastOnce).Wait);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 48; i++)
            Assert.Equal(TimeSpan.Zero, pace.Charge(_once).Wait);
        Assert.Equal(TimeSpan.FromMilliseconds(20), pace.Charge(_once).Wait);
    }

    [Fact]
    public void S11_Ten_seconds_worth_of_bytes_are_free_and_then_as_many_as_a_second_has()
    {
        var pace = new Pace(50, 256_000, _time);
        var large = new PacketHead(0x32, 4, 255_996);

        for (var i = 0; i < 10; i++)
            Assert.Equal(TimeSpan.Zero, pace.Charge(large).Wait);
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Charge(large).Wait);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(1), pace.Charge(large).Wait);
    }

    [Fact]
    public void S11_A_history_of_QoS_1_is_slowed_for_hours_and_never_cut()
    {
        var pace = new Pace(50, 256_000, _time);
        var slowed = 0;
        for (var i = 0; i < 400_000; i++)
        {
            var ruling = pace.Charge(_atLeastOnce);
            Assert.False(ruling.IsFlood);
            slowed += ruling.Wait > TimeSpan.Zero ? 1 : 0;
            _time.Advance(ruling.Wait);
        }

        Assert.Equal(400_000 - 500, slowed);
        Assert.InRange((_time.GetUtcNow() - _time.Start).TotalSeconds, 7_989, 7_991);
    }

    [Fact]
    public void S11_A_minutes_worth_of_what_nobody_waits_for_beyond_the_burst_is_a_flood()
    {
        var pace = new Pace(50, 256_000, _time);
        var charged = 0;
        for (var ruling = pace.Charge(_once); !ruling.IsFlood; ruling = pace.Charge(_once))
        {
            charged++;
            _time.Advance(ruling.Wait);
        }

        Assert.InRange(charged, 500 + 60 * 50 - 1, 500 + 60 * 50 + 1);
    }

    [Fact]
    public void S11_Whoever_has_rested_begins_again()
    {
        var pace = new Pace(50, 256_000, _time);
        for (var i = 0; i < 3_400; i++)
            Assert.False(pace.Charge(_once).IsFlood);
        Assert.False(pace.IsFull);

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(pace.IsFull);
        for (var i = 0; i < 3_400; i++)
            Assert.False(pace.Charge(_once).IsFlood);
    }

    [Fact]
    public void S11_Answers_to_what_we_sent_are_no_messages()
    {
        var pace = new Pace(50, 256_000, _time);

        for (var i = 0; i < 10_000; i++)
            Assert.Equal(new PaceRuling(TimeSpan.Zero, false), pace.Charge(_puback));
    }

    [Fact]
    public void S11_Without_a_limit_nobody_waits()
    {
        var pace = new Pace(0, 0, _time);

        for (var i = 0; i < 100_000; i++)
            Assert.Equal(new PaceRuling(TimeSpan.Zero, false), pace.Charge(_once));
    }

    [Fact]
    public void S11_To_connect_again_is_no_way_to_a_new_burst_and_who_has_rested_is_forgotten()
    {
        var paces = new Paces(new BrokerOptions(), _time);
        for (var i = 0; i < 600; i++)
            paces.Of("ada")!.Charge(_once);

        Assert.NotEqual(TimeSpan.Zero, paces.Of("ada")!.Charge(_once).Wait);
        for (var i = 0; i < 1_023; i++)
            paces.Of($"ada:{i}");
        Assert.Equal(1_024, paces.Count);
        paces.Of("ada:new");
        Assert.Equal(2, paces.Count);
        Assert.Null(new Paces(
            new BrokerOptions { MessagesPerSecond = 0, BytesPerSecond = 0 }, _time).Of("ada"));
    }
}
