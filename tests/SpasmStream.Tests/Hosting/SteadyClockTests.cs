using SpasmStream.Tests.Store;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

/// <summary>Which days a machine's clock may tell before what is old by them is deleted.</summary>
public sealed class SteadyClockTests
{
    readonly SteppedTime _time = new(Some.Start);

    [Fact]
    public void S28_A_jump_of_more_than_a_week_is_not_believed_until_a_day_has_gone_by_without_another()
    {
        var clock = new SteadyClock(_time);
        Pass(clock, hours: 30);
        var last = Now;
        clock.Ran(last);
        Assert.True(clock.Trusts(Now, last));

        _time.Step(TimeSpan.FromDays(400));
        clock.Look();

        Assert.False(clock.Trusts(Now, last));
        Pass(clock, hours: 23);
        Assert.False(clock.Trusts(Now, last));
        _time.Step(TimeSpan.FromDays(-400));
        Pass(clock, hours: 2);
        Assert.True(clock.Trusts(Now, last));
        _time.Step(TimeSpan.FromDays(400));
        Pass(clock, hours: 25);
        Assert.True(clock.Trusts(Now, last));
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(8, false)]
    [InlineData(null, false)]
    public void S28_A_worker_that_starts_believes_a_clock_that_is_a_week_after_the_last_run(
        int? days, bool trusted)
    {
        var last = Now;
        _time.Step(TimeSpan.FromDays(days ?? 0));

        Assert.Equal(trusted, new SteadyClock(_time).Trusts(Now, days is null ? null : last));
    }

    Instant Now => Instant.FromDateTimeOffset(_time.GetUtcNow());

    void Pass(SteadyClock clock, int hours)
    {
        for (var i = 0; i < hours; i++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            clock.Look();
        }
    }
}
