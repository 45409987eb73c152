using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class AssessingTests
{
    static readonly WearerId _ada = new("ada");

    [Theory]
    [InlineData(-30, true, "late")]
    [InlineData(0, true, "pending")]
    [InlineData(0, false, "pending")]
    public async Task D6_A_window_that_is_over_when_its_data_arrives_is_late_and_never_pending(
        int days, bool replayed, string state)
    {
        using var store = new TempStore();
        var issued = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()) + Duration.FromDays(days);

        await SaveAsync(store, Raised(issued), replayed);

        Assert.Equal(state, store.Row("SELECT state FROM outbox"));
        Assert.Equal(replayed ? "replayed" : "live", store.Row("SELECT origin FROM forecast"));
        Assert.Equal("1", store.Row("SELECT count(*) FROM risk_window"));
    }

    [Fact]
    public async Task D6_A_forecast_is_never_rewritten()
    {
        using var store = new TempStore();
        var made = Raised(Some.Start);
        await SaveAsync(store, made, replayed: true);

        var refused = await Assert.ThrowsAsync<Microsoft.Data.Sqlite.SqliteException>(() =>
            store.RunAsync(session => session.Execute("UPDATE forecast SET probability=0")));

        Assert.Contains("never rewritten", refused.Message, StringComparison.Ordinal);
        Assert.Equal("0.4", store.Row("SELECT probability FROM forecast"));
    }

    internal static Task<int> SaveAsync(TempStore store, Assessment made, bool replayed) =>
        store.RunAsync(session =>
    {
        Assessing.Save(session, _ada, new AssessedStep
        {
            KnownAt = made.Forecast.Issued,
            Replayed = replayed,
            Assessment = made,
        }, [OutChannel.Mqtt]);
        return 0;
    });

    internal static Assessment Raised(Instant issued)
    {
        var forecast = new Forecast
        {
            Issued = issued,
            Date = issued.InUtc().Date,
            Kind = ForecastKind.Evening,
            Target = "migraine",
            Probability = 0.4,
            BaseRate = 0.1,
            Band = Band.High,
            AtRisk = true,
            Coverage = 1,
            Gate = "early",
            Model = "m",
            Features = [],
            Reasons = [],
        };
        var window = new RiskWindow
        {
            Start = issued,
            Updated = issued,
            Target = "migraine",
            Peak = 0.4,
            PeakRelativeRisk = 4,
            Band = Band.High,
            Reasons = [],
        };
        var profile = new WearerProfile { Zones = [new ZoneStay(Instant.MinValue, DateTimeZone.Utc)] };
        return new Assessment(forecast, new WindowChange(WindowChangeKind.Opened, window),
            Alert.Of(forecast, issued, profile));
    }
}
