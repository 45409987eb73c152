using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Risk;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Alerting;

public sealed class AlertTests
{
    static readonly LocalDate _date = new(2026, 6, 10);

    static Forecast Said(Instant at) => new()
    {
        Issued = at,
        Date = _date,
        Kind = ForecastKind.Morning,
        Target = "migraine",
        Probability = 0.31,
        BaseRate = 0.15,
        Band = Band.High,
        AtRisk = true,
        Coverage = 1,
        Gate = "learning",
        Model = "prior-only/1",
        Features = [],
        Reasons = [],
        Alerted = true,
    };

    static Alert Of(Instant at, WearerProfile? profile = null) =>
        Alert.Of(Said(at), at, profile ?? Story.ProfileOf());

    static string KeyOf(Alert alert) => Announcement.AlertKey(new WearerId("ada"), alert);

    [Fact]
    public void By_day_it_goes_at_once_and_expires_after_twelve_hours()
    {
        var at = Story.At(_date, 8);
        var alert = Of(at);
        Assert.Equal((at, at + Duration.FromHours(12)), (alert.SendAfter, alert.Expires));
        Assert.Equal(at + Duration.FromHours(24), alert.WindowEnd);
        Assert.True(alert.Experimental);
    }

    [Fact]
    public void In_the_quiet_hours_it_waits_for_their_end_and_half_of_what_is_left()
    {
        var night = Of(Story.At(_date, 22));
        Assert.Equal(Story.At(_date.PlusDays(1), 6), night.SendAfter);
        Assert.Equal(Story.At(_date.PlusDays(1), 14), night.Expires);
        Assert.Equal(Story.At(_date, 6), Of(Story.At(_date, 5)).SendAfter);
        Assert.Equal(Story.At(_date, 6), Of(Story.At(_date, 6)).SendAfter);
    }

    [Fact]
    public void Equal_ends_mean_no_quiet_hours()
    {
        var profile = Story.ProfileOf()
            with { QuietFrom = LocalTime.Midnight, QuietUntil = LocalTime.Midnight };
        Assert.Equal(Story.At(_date, 3), Of(Story.At(_date, 3), profile).SendAfter);
    }

    [Fact]
    public void One_window_has_one_key()
    {
        var at = Story.At(_date, 8);
        var profile = Story.ProfileOf();
        Assert.Equal(KeyOf(Alert.Of(Said(at), at, profile)),
            KeyOf(Alert.Of(Said(at + Duration.FromHours(12)), at, profile)));
        Assert.NotEqual(KeyOf(Of(at)), KeyOf(Of(at + Duration.FromHours(1))));
        Assert.Matches("^[0-9a-f]{64}$", KeyOf(Of(at)));
    }
}
