using SpasmStream.Core.Risk;
using SpasmStream.Simulators.Wearers;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;

namespace SpasmStream.Tests.Assess;

/// <summary>A wearer who wears the watch is told something on most days.</summary>
public sealed class CoverageTests
{
    [Theory]
    [InlineData("responder")]
    [InlineData("spasm-coupled")]
    [InlineData("untriggered")]
    public async Task Four_of_five_days_at_risk_have_a_forecast(string character)
    {
        var backtest = new Backtest(new WearerDirectory([], admitsStrangers: true, Journal.Zone.Id));
        foreach (var message in new SimulatedWearer(new(
            "ada", Character.Named(character)!, Journal.Zone, 5, 200, Journal.Now, LastDay.Usual)).Messages())
            backtest.Add(Journal.Sent(message.Topic, message.Payload, message.Received!.Value));
        var judged = await backtest.RunAsync(TestContext.Current.CancellationToken);

        var atRisk = judged.Where(j => j.Forecast is { AtRisk: true, Kind: not ForecastKind.Evening })
            .GroupBy(j => j.Forecast.Date).ToList();
        Assert.True(atRisk.Count > 100);
        var told = atRisk.Count(day => day.Any(j => j.Forecast.Probability is not null));
        Assert.InRange(told / (double)atRisk.Count, 0.8, 1);
    }
}
