using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

public sealed class ReconnectRuleTests
{
    readonly FakeTimeProvider _time = new();
    readonly ReconnectRule _rule;

    public ReconnectRuleTests() => _rule = new ReconnectRule(_time, new Random(1));

    [Fact]
    public void M8_A_broker_that_is_away_is_asked_again_after_four_seconds_at_most()
    {
        var waits = Enumerable.Range(0, 100).Select(_ => End(IntakeEnd.Unreached, 0)).ToList();

        Assert.InRange(waits[0].TotalSeconds, 0.3, 0.5);
        Assert.All(waits, wait => Assert.InRange(wait.TotalSeconds, 0.3, 4));
        Assert.InRange(waits[^1].TotalSeconds, 3, 4);
        Assert.False(_rule.IsFlapping);
    }

    [Fact]
    public void M8_Three_connections_cut_before_a_subscription_within_ten_seconds_are_flapping()
    {
        Assert.InRange(End(IntakeEnd.Cut, 9).TotalSeconds, 0.3, 1);
        Assert.InRange(End(IntakeEnd.Cut, 9).TotalSeconds, 0.3, 1);
        Assert.False(_rule.IsFlapping);

        Assert.InRange(End(IntakeEnd.Cut, 9).TotalSeconds, 30, 40);
        Assert.True(_rule.IsFlapping);
    }

    [Fact]
    public void M8_A_subscription_or_ten_seconds_between_them_and_nothing_flaps()
    {
        foreach (var (end, seconds) in new[]
        {
            (IntakeEnd.Cut, 1), (IntakeEnd.Cut, 1), (IntakeEnd.Lost, 600), (IntakeEnd.Cut, 1),
            (IntakeEnd.Cut, 1), (IntakeEnd.Cut, 11), (IntakeEnd.Cut, 70),
        })
        {
            Assert.True(End(end, seconds) < TimeSpan.FromSeconds(5));
            Assert.False(_rule.IsFlapping);
        }
    }

    [Fact]
    public void M8_A_connection_that_lasted_is_followed_by_the_next_at_once()
    {
        Assert.Equal(TimeSpan.Zero, End(IntakeEnd.Lost, 3600));
        Assert.InRange(End(IntakeEnd.Lost, 1).TotalSeconds, 0.3, 0.6);
    }

    [Fact]
    public void F12_Two_workers_with_one_client_id_connect_six_times_a_minute_at_most()
    {
        var began = _time.GetUtcNow();
        var connects = new List<TimeSpan>();
        var flapped = 0;
        while (_time.GetUtcNow() - began < TimeSpan.FromMinutes(10))
        {
            connects.Add(_time.GetUtcNow() - began);
            var wait = End(IntakeEnd.Lost, 0.01);
            flapped += _rule.IsFlapping ? 1 : 0;
            _time.Advance(wait);
        }

        Assert.All(connects, at => Assert.InRange(
            connects.Count(it => it >= at && it - at < TimeSpan.FromMinutes(1)), 1, 6));
        Assert.InRange(connects.Count, 30, 60);
        Assert.True(flapped > 5);
    }

    [Fact]
    public void F08_A_refusal_is_repeated_after_thirty_seconds_and_at_last_every_five_minutes()
    {
        var waits = Enumerable.Range(0, 12).Select(_ => End(IntakeEnd.Refused, 0)).ToList();

        Assert.Equal([30, 60, 90], waits.Take(3).Select(wait => wait.TotalSeconds));
        Assert.Equal(300, waits[^1].TotalSeconds);
        Assert.False(_rule.IsFlapping);
    }

    [Fact]
    public void M7_Coming_back_with_another_keep_alive_waits_for_nothing() =>
        Assert.Equal(TimeSpan.Zero, End(IntakeEnd.KeepAlive, 0.01));

    TimeSpan End(IntakeEnd end, double afterSeconds)
    {
        _rule.Begin();
        _time.Advance(TimeSpan.FromSeconds(afterSeconds));
        return _rule.After(end);
    }
}
