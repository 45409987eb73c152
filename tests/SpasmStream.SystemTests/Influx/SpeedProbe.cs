using System.Diagnostics;
using SpasmStream.Core.Signals;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;
namespace SpasmStream.SystemTests.Influx;
public sealed class SpeedProbe
{
    [Fact]
    public async Task Measure()
    {
        var o = TestContext.Current.TestOutputHelper!;
        var all = Enumerable.Range(0, 200).Select(i => new ForwardSeries($"p{i:x8}abcd", new Series("watch", Core.Signals.Signal.HeartRate, Stat.Raw, "hub"))).ToArray();
        var samples = Enumerable.Range(0, 5000).Select(i => new ForwardSample(all[i % 200], 1_700_000_000_000 + i * 1000, 0, i % 4 == 0 ? 60.5 + i % 30 : 60 + i % 30, 1_700_000_000_500 + i * 1000, double.NaN, 60, false)).ToArray();
        var batch = new ForwardBatch(1, samples, []);
        var w = new LineWriter(n => n); using var lines = new LineBuffer();
        w.Write(batch, lines);
        o.WriteLine($"line: {System.Text.Encoding.UTF8.GetString(lines.Lines(0,2).Span)}");
        for (var r = 0; r < 5; r++)
        {
            var sw = Stopwatch.StartNew(); var cpu = Process.GetCurrentProcess().TotalProcessorTime; var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 200; i++) { lines.Clear(); w.Write(batch, lines); }
            o.WriteLine($"{200 * 5000 / sw.Elapsed.TotalSeconds:0} lines/s wall, {200*5000/(Process.GetCurrentProcess().TotalProcessorTime-cpu).TotalSeconds:0} lines/s cpu, {(double)(GC.GetAllocatedBytesForCurrentThread()-before)/1e6} B/line");
        }
        await using var influxd = await InfluxdProcess.StartAsync();
        foreach (var gzip in new[] { false, true })
        {
            var options = influxd.Options; options.Database = "t" + gzip; options.Gzip = gzip;
            await using var rig = new ForwardingRig(options);
            await rig.StartAsync(10); await rig.UntilForwardedAsync();
            var many = Enumerable.Range(0, 500_000).Select(i => new ForwardSample(all[i % 200], 1_700_000_000_000 + i / 200 * 1000L, 0, 60 + i % 30, 1_700_000_000_500 + i * 5L, double.NaN, 60, false)).ToList();
            var ours = Process.GetCurrentProcess().TotalProcessorTime; var theirs = Process.GetProcessById(influxd.Process.Id).TotalProcessorTime;
            var sw = Stopwatch.StartNew();
            rig.Commit(many); await rig.UntilForwardedAsync();
            o.WriteLine($"gzip {gzip}: {many.Count / sw.Elapsed.TotalSeconds:0} points/s; ours {(Process.GetCurrentProcess().TotalProcessorTime - ours).TotalSeconds / 5:0.000} CPU s/100k, influxd {(Process.GetProcessById(influxd.Process.Id).TotalProcessorTime - theirs).TotalSeconds / 5:0.000}");
            var lat = new List<double>();
            for (var i = 0; i < 300; i++) { var t = Stopwatch.GetTimestamp(); var n = rig.Journal.Forwarded; rig.Commit([rig.Sample(i)]); while (rig.Journal.Forwarded == n) await Task.Yield(); lat.Add(Stopwatch.GetElapsedTime(t).TotalMilliseconds); }
            lat.Sort(); o.WriteLine($"latency p50 {lat[150]:0.00} ms p99 {lat[297]:0.00} ms");
        }
    }
}
