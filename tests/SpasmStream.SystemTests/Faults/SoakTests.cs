using System.Globalization;
using System.Text;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// 200 messages a second through a broker that is not ours, a fault every ten seconds, for an hour or as many
/// minutes as SOAK_MINUTES says: nothing lost, nothing doubled, nothing grows.
/// </summary>
public sealed class SoakTests
{
    static readonly TimeSpan _every = TimeSpan.FromSeconds(10);

    static readonly CancellationToken _stop = TestContext.Current.CancellationToken;

    [NightlyFact]
    public async Task F63_With_a_fault_every_ten_seconds_nothing_is_lost_and_nothing_grows()
    {
        var minutes = double.Parse(Environment.GetEnvironmentVariable("SOAK_MINUTES") ?? "60",
            CultureInfo.InvariantCulture);
        await using var broker = await MosquittoBroker.StartAsync();
        await using var proxy = new ChaosProxy(broker.Port);
        await using var rig = WorkerRig.Make(
            ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{proxy.Port}"), ("Mqtt:KeepAliveSeconds", "5"));
        await rig.StartAgainAsync();
        var faults = new SoakFaults(broker, proxy, rig, seed: 63);
        var use = new List<ResourceUse>();
        await using (var load = SteadyLoad.Start(broker.Port))
        {
            var began = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(began).TotalMinutes < minutes)
            {
                await Task.Delay(_every / 2, _stop);
                await faults.NextAsync(_stop);
                await Task.Delay(_every / 2, _stop);
                use.Add(ResourceUse.Of(rig.Process, TimeProvider.System.GetElapsedTime(began)));
            }

            await load.StopAsync();
            await rig.Process.WaitUntilAsync(
                _ => Task.FromResult(load.IsSettled(rig.File)), "all in the file", TimeSpan.FromMinutes(2));
            Assert.Equal(0, await rig.Worker.StopAsync());
            load.AssertClean(rig);
        }

        Tell(minutes, faults, use, rig.Count("SELECT count(*) FROM sample"));
        var second = use[(use.Count / 2)..];
        var first = use[..(use.Count / 2)];
        Assert.InRange(second.Max(one => one.Threads), 0, first.Max(one => one.Threads) + 5);
        Assert.InRange(second.Max(one => one.Handles), 0, first.Max(one => one.Handles) + 10);
        // Over a few minutes a slope says how warm the caches are.
        if (minutes >= 30)
            Assert.InRange(ResourceUse.Slope(second), double.NegativeInfinity, 5);
    }

    static void Tell(double minutes, SoakFaults faults, List<ResourceUse> use, long samples)
    {
        var text = new StringBuilder($"{minutes} min, {faults.Count} faults, {samples} samples; ")
            .Append(CultureInfo.InvariantCulture, $"resident {use[0].MiB:0} MiB at first, ")
            .Append(CultureInfo.InvariantCulture, $"{use.Max(one => one.MiB):0} at most, ")
            .Append(CultureInfo.InvariantCulture, $"{use[^1].MiB:0} at last, ")
            .Append(CultureInfo.InvariantCulture, $"{ResourceUse.Slope(use[(use.Count / 2)..]):0.0} MiB/h ")
            .Append("in the second half; ")
            .Append($"threads {use.Min(one => one.Threads)}-{use.Max(one => one.Threads)}, ")
            .Append($"handles {use.Min(one => one.Handles)}-{use.Max(one => one.Handles)}");
        TestContext.Current.SendDiagnosticMessage(text.ToString());
    }
}
