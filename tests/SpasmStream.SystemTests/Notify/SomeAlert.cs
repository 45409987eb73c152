using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Notify;

/// <summary>An alert in the store, as an assessment leaves it.</summary>
static class SomeAlert
{
    static readonly WearerProfile _profile = new()
    {
        Zones = [new ZoneStay(Instant.MinValue, DateTimeZone.Utc)],
        QuietFrom = LocalTime.Midnight,
        QuietUntil = LocalTime.Midnight,
    };

    public static Task<int> SaveAsync(
        StoreWriter writer, string wearer, Instant issued, params OutChannel[] channels) =>
        writer.RunAsync(session =>
        {
            Assessing.Save(session, new WearerId(wearer), new AssessedStep
            {
                KnownAt = issued,
                Replayed = false,
                Assessment = Raised(issued),
            }, channels);
            return 0;
        }, TestContext.Current.CancellationToken);

    static Assessment Raised(Instant issued)
    {
        var reason = new Reason("short", "tst", 292, 431, "min", 0.6);
        var forecast = new Forecast
        {
            Issued = issued,
            Date = issued.InUtc().Date,
            Kind = ForecastKind.Evening,
            Target = "migraine",
            Probability = 0.4123,
            BaseRate = 0.131,
            Band = Band.High,
            AtRisk = true,
            Coverage = 1,
            Gate = "early",
            Model = "prior",
            Alerted = true,
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
        return new Assessment(forecast, new WindowChange(WindowChangeKind.Opened, window),
            Alert.Of(forecast, issued, _profile));
    }
}
