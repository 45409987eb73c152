using SpasmStream.Worker;

namespace SpasmStream.Tests;

public sealed class ArrivalClockTests
{
    static readonly Instant _noon = Instant.FromUtc(2026, 3, 29, 0, 30);

    readonly SteppedTime _time = new(_noon);
    readonly ArrivalClock _clock;

    public ArrivalClockTests() => _clock = new ArrivalClock(_time);

    [Theory]
    [InlineData(3600)]
    [InlineData(-600)]
    [InlineData(61)]
    public void F46_A_clock_that_is_set_leaves_one_gap_as_long_as_the_step(int seconds)
    {
        _clock.Now();
        _time.Advance(TimeSpan.FromMinutes(5));
        Set(seconds);

        var step = Assert.Single(_clock.TakeSteps());

        var before = _noon + Duration.FromMinutes(5);
        var after = before + Duration.FromSeconds(seconds);
        Assert.Equal(Instant.Min(before, after), step.Start);
        Assert.Equal(Instant.Max(before, after), step.End);
        Assert.Empty(_clock.TakeSteps());
    }

    [Fact]
    public void F46_A_clock_set_back_never_gives_an_earlier_receipt()
    {
        var before = _clock.Now();
        Set(-600);

        Assert.Equal(before, _clock.Now());
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(before + Duration.FromMinutes(4.5), _clock.Now());
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(before + Duration.FromMinutes(10), _clock.Now());
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(before + Duration.FromMinutes(11), _clock.Now());
    }

    [Theory]
    [InlineData(-600)]
    [InlineData(-36_000_000)]
    public void F46_What_is_to_happen_in_five_seconds_happens_in_ten_however_far_the_clock_was_set_back(
        int seconds)
    {
        var before = _clock.Now();
        Set(seconds);
        // Asked often, as loops do: no millisecond may be lost between two looks.
        for (var i = 0; i < 10_000; i++)
        {
            _clock.Now();
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(before + Duration.FromSeconds(5), _clock.Now());
    }

    [Fact]
    public void F46_Slewing_daylight_saving_leap_days_and_long_silence_are_no_steps()
    {
        _clock.Now();
        for (var i = 0; i < 100; i++)
        {
            // Half a minute off in each look would be a day's slewing at once, and still no step.
            Set(30);
            Assert.Empty(_clock.TakeSteps());
        }

        _time.Advance(TimeSpan.FromDays(800));
        Assert.Empty(_clock.TakeSteps());
    }

    [Theory]
    [InlineData(50, 0)]
    [InlineData(7200, 1)]
    public void F46_A_machine_that_starts_behind_what_it_had_received_was_set_back(int seconds, int steps)
    {
        _clock.NotBefore(_noon + Duration.FromSeconds(seconds));

        Assert.Equal(steps, _clock.TakeSteps().Count);
        Assert.Equal(_noon + Duration.FromSeconds(seconds), _clock.Now());
    }

    [Fact]
    public void F46_A_leap_of_53_days_that_is_taken_back_was_never_told()
    {
        _clock.Now();
        Set(53 * 86_400);
        // Asked often, as loops do: no millisecond may be lost between two looks.
        for (var i = 0; i < 10_000; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(0.3));
            Assert.InRange(_clock.Now(out var ahead), _noon, _noon + Duration.FromSeconds(3));
            Assert.InRange(ahead, Duration.FromMilliseconds(-53L * 86_400_000 - 1),
                Duration.FromMilliseconds(-53L * 86_400_000 + 1));
        }

        Assert.Equal(_noon + Duration.FromSeconds(3), _clock.Now());
        Assert.Equal(_noon + Duration.FromSeconds(3), _clock.Earlier());
        Set(-53 * 86_400);

        Assert.Equal(_noon + Duration.FromSeconds(3), _clock.Now(out var after));
        Assert.Equal(Duration.Zero, after);
        Assert.Empty(_clock.TakeSteps());
    }

    [Fact]
    public void F46_A_leap_that_stays_for_an_hour_is_followed_and_leaves_one_gap_and_another_stays_anew()
    {
        _clock.Now();
        Set(53 * 86_400);
        _clock.Now();
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(_noon + Duration.FromMinutes(59), _clock.Now());
        Set(86_400);
        _clock.Now();
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(_noon + Duration.FromMinutes(118), _clock.Now());
        Assert.Empty(_clock.TakeSteps());
        _time.Advance(TimeSpan.FromMinutes(1));

        var now = _noon + Duration.FromDays(54) + Duration.FromMinutes(119);
        Assert.Equal(now, _clock.Now());
        Assert.Equal(new ClockStep(_noon + Duration.FromMinutes(119), now),
            Assert.Single(_clock.TakeSteps()));
    }

    [Fact]
    public void F46_A_clock_that_comes_up_to_what_was_told_is_put_right_and_not_doubted()
    {
        _clock.NotBefore(_noon + Duration.FromDays(53));
        Assert.Equal(_noon, _clock.Earlier());

        Set(53 * 86_400 + 1);

        Assert.Equal(_noon + Duration.FromDays(53) + Duration.FromSeconds(1), _clock.Now(out var ahead));
        Assert.Equal(Duration.Zero, ahead);
    }

    void Set(int seconds) => _time.Step(TimeSpan.FromSeconds(seconds));
}
