using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Waits until every wearer of the demo has a forecast of today, and says on the terminal what they are.
/// </summary>
sealed class DemoWatch(StoreFile file, AssessState assess, int wearers)
{
    public async Task ReportAsync(DemoWearers running, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        try
        {
            while (assess.Live < wearers)
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                if (running.HasFailed)
                {
                    Console.WriteLine("The simulated wearers have ended; see their message above.");
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        // An update may follow the forecast that raised the alert of the day.
        var alerted = LatestForecasts.AlertedDays(file);
        foreach (var (wearer, forecast) in LatestForecasts.Load(file))
        {
            var isAlert = alerted.Contains((wearer, forecast.Date));
            Console.WriteLine($"{wearer}: {(isAlert ? "ALERT. " : "")}{Wording.Of(forecast)}");
            foreach (var reason in forecast.Reasons.Where(r => r.Push > 0 && forecast.Band >= Band.Raised))
                Console.WriteLine($"    {Wording.Of(reason)}");
        }
    }
}
