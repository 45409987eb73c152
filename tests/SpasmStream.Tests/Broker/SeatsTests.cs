using System.Net;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

public sealed class SeatsTests : IDisposable
{
    readonly FakeTimeProvider _time = new();
    readonly List<Caller> _all = [];
    readonly List<Caller> _cut = [];

    [Fact]
    public void S10_Silent_ones_make_room_and_the_longest_waiting_goes_first()
    {
        var seats = new Seats(200, 20);
        for (var i = 0; i < 20; i++)
            Assert.Equal((true, null), seats.Enter(From("10.0.0.1")));

        Assert.Equal((true, _all[0]), seats.Enter(From("10.0.0.1")));
        Assert.Equal((true, _all[1]), seats.Enter(From("10.0.0.1")));
        Assert.Equal((true, null), seats.Enter(From("10.0.0.2")));
        Assert.Equal(21, seats.Taken);
    }

    [Fact]
    public void S10_Five_hundred_silent_ones_are_never_more_than_two_hundred_and_a_good_one_stays()
    {
        var seats = new Seats(200, 20);
        Caller? good = null;
        for (var i = 0; i < 500; i++)
        {
            if (i == 250)
            {
                good = From("10.1.0.1");
                Assert.True(seats.Enter(good).IsIn);
                seats.Hear(good);
                Assert.True(seats.TrySeat(good));
            }

            var (isIn, leaves) = seats.Enter(From($"10.0.0.{i % 25}"));
            Assert.True(isIn);
            Assert.True(good is null || leaves != good);
            Assert.InRange(seats.Taken, 1, 200);
        }

        Assert.Equal(Standing.Seated, good!.Standing);
    }

    [Fact]
    public void S10_Of_one_address_twenty_are_seated_and_the_next_is_told_so()
    {
        var seats = new Seats(200, 20);
        for (var i = 0; i < 20; i++)
            Assert.True(Sit(seats, From("10.0.0.1")));

        Assert.False(Sit(seats, From("10.0.0.1")));
        Assert.True(Sit(seats, From("10.0.0.2")));
        seats.Leave(_all[3]);
        seats.Leave(_all[20]);
        Assert.True(Sit(seats, From("10.0.0.1")));
    }

    [Fact]
    public void S10_In_all_two_hundred_are_seated_and_the_worker_itself_always_comes_in()
    {
        var seats = new Seats(200, 20);
        for (var i = 0; i < 200; i++)
            Assert.True(Sit(seats, From($"10.0.0.{i / 20}")));
        Assert.False(Sit(seats, From("10.0.1.1")));
        seats.Leave(_all[^1]);

        var own = From("127.0.0.1");
        Assert.Equal((true, null), seats.Enter(own));
        seats.Hear(own);
        seats.SeatOwn(own);

        Assert.Equal(200, seats.Taken);
    }

    [Fact]
    public void S10_Whoever_is_being_looked_into_is_never_put_out_for_another()
    {
        var seats = new Seats(3, 3);
        foreach (var _ in Enumerable.Range(0, 3))
        {
            seats.Enter(From("10.0.0.1"));
            seats.Hear(_all[^1]);
        }

        Assert.Equal((false, null), seats.Enter(From("10.0.0.1")));
        Assert.Equal((false, null), seats.Enter(From("10.0.0.2")));
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    public void S10_A_household_of_IPv6_counts_as_one_address(string one, string other, bool same) =>
        Assert.Equal(same, From(one).Address.Equals(From(other).Address));

    [Fact]
    public void S10_Ten_seconds_of_silence_end_a_connection_and_a_word_in_time_does_not()
    {
        var seats = new Seats(10, 10);
        var (silent, heard) = (From("10.0.0.1"), From("10.0.0.1"));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Empty(_cut);
        seats.Hear(heard);

        _time.Advance(TimeSpan.FromSeconds(0.2));

        Assert.Equal([silent], _cut);
        Assert.True(silent.Deadline.IsCancellationRequested);
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([silent], _cut);
    }

    public void Dispose() => _all.ForEach(it => it.Dispose());

    static bool Sit(Seats seats, Caller caller)
    {
        Assert.True(seats.Enter(caller).IsIn);
        seats.Hear(caller);
        return seats.TrySeat(caller);
    }

    Caller From(string address)
    {
        Caller? caller = null;
        caller = new Caller(
            IPAddress.Parse(address), TimeSpan.FromSeconds(10), () => _cut.Add(caller!), _time);
        _all.Add(caller);
        return caller;
    }
}
