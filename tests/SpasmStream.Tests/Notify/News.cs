using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Notify;

/// <summary>Announcements about anna, who lives in Berlin, for the tests of what goes out.</summary>
static class News
{
    public const string Key = "5f1d7a9be2c84a6d0f3b2e7c91a8d4560e9f7b3c2d1a48576e5f4c3b2a190807";
    public static readonly Instant Issued = Instant.FromUtc(2026, 3, 7, 20, 10);
    public static readonly WearerId Anna = new("anna");
    public static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    public static readonly WearerProfile Profile = new()
    {
        Zones = [new ZoneStay(Instant.MinValue, Berlin)],
        QuietFrom = new LocalTime(22, 0),
        QuietUntil = new LocalTime(6, 0),
    };

    public static Announcement Raised(Instant? issued = null) =>
        Of(WindowChangeKind.Opened, issued, alerts: true);

    public static Announcement Opened(Instant? issued = null) => Of(WindowChangeKind.Opened, issued);

    public static Announcement Closed(Instant start, Instant end)
    {
        var news = Of(WindowChangeKind.Closed, end);
        return news with
        {
            Change = news.Change with { Window = news.Change.Window with { Start = start, End = end } },
        };
    }

    public static Assessment Assessed(Announcement news) => new(news.Forecast, news.Change, news.Alert);

    public static OutboxRow Row(Announcement news, string channel = "webhook", int attempts = 0) => new(
        Key, channel, Anna, "w-0123456789ab", news, attempts, news.Expires);

    static Announcement Of(WindowChangeKind kind, Instant? at, bool alerts = false)
    {
        var issued = at ?? Issued;
        var reason = new Reason("short", "tst", 292, 431, "min", 0.6);
        var forecast = new Forecast
        {
            Issued = issued,
            Date = issued.InZone(Berlin).Date,
            Kind = ForecastKind.Evening,
            Target = "migraine",
            Probability = 0.4123,
            BaseRate = 0.131,
            Band = Band.High,
            AtRisk = true,
            Coverage = 1,
            Gate = "early",
            Model = "prior",
            Alerted = alerts,
            Features = [],
            Reasons = [reason],
        };
        var window = new RiskWindow
        {
            Start = issued,
            Updated = issued,
            Target = "migraine",
            Peak = 0.4123,
            PeakRelativeRisk = 3.15,
            Band = Band.High,
            Reasons = [reason],
        };
        return new Announcement(new WindowChange(kind, window), forecast,
            alerts ? Alert.Of(forecast, issued, Profile) : null);
    }
}
