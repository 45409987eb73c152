using System.Collections.Concurrent;
using System.Diagnostics;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>
/// B59: whatever is sent, the worker lives, nothing is thrown that nobody sees, and logs stay short.
/// </summary>
public sealed class PacketFuzzTests
{
    static readonly (string, string)[] _settings =
    [
        // What is slowed down is not read, and this is about what is read.
        ("Broker:MessagesPerSecond", "0"), ("Broker:BytesPerSecond", "0"),
        ("Broker:ConnectionsPerAddress", "200"),
    ];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static int Seed
    {
        get
        {
            var seed = Environment.GetEnvironmentVariable("FUZZ_SEED") is { Length: > 0 } given
                ? int.Parse(given, System.Globalization.CultureInfo.InvariantCulture)
                // 18,955 once found a release without a packet identifier; others are for the night.
                : NightlyFactAttribute.IsNight ? Random.Shared.Next(1_000_000) : 18_955;
            TestContext.Current.TestOutputHelper?.WriteLine($"FUZZ_SEED={seed}");
            return seed;
        }
    }

    [Fact]
    public async Task B59_Thousands_of_mutated_packets_leave_no_exception_that_nobody_observed()
    {
        var unobserved = new ConcurrentBag<Exception>();
        void Note(object? sender, UnobservedTaskExceptionEventArgs fault) => unobserved.Add(fault.Exception);
        TaskScheduler.UnobservedTaskException += Note;
        try
        {
            await using (var rig = await BrokerRig.StartAsync([("Broker:Accounts:0:User", "ada"),
                ("Broker:Accounts:0:Password", "ada"), ("Broker:Accounts:0:Wearers:0", "ada"), .. _settings]))
            {
                await new PacketFuzz(Seed, rig.Port, "ada", "ada").RunAsync(3_000, Stop);
                using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada:good", "ada", "ada");
                await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
                Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Note;
        }

        // Beside us other tests run, whose faults are their own.
        Assert.DoesNotContain(unobserved, it => it.ToString() is var text
            && (text.Contains("MQTTnet.Server", StringComparison.Ordinal)
                || text.Contains("SpasmStream.Worker.Broker", StringComparison.Ordinal)));
    }

    [Fact]
    public Task B59_After_thousands_of_mutated_packets_the_worker_takes_the_next_good_one() =>
        FuzzAsync(packets: 4_000);

    [NightlyFact]
    public async Task B59_Seventy_thousand_mutated_packets_in_thirty_seconds()
    {
        var (took, lines, grown) = await FuzzAsync(packets: 70_000);

        Assert.InRange(took.TotalSeconds, 0, 30);
        Assert.InRange(grown, double.MinValue, 64);
        Assert.InRange(lines, 0, 10 * took.TotalSeconds + 10);
    }

    static async Task<(TimeSpan Took, int Lines, double GrownMiB)> FuzzAsync(int packets)
    {
        await using var rig = await WorkerRig.StartAsync(_settings);
        var before = (Lines: Lines(rig), MiB: rig.Process.AnonymousMiB, Peak: rig.Process.AnonymousMiB);
        var fuzz = new PacketFuzz(Seed, rig.BrokerPort, "ada", "a");
        var began = Stopwatch.StartNew();
        var running = fuzz.RunAsync(packets, Stop);
        using (var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(100)))
            while (!running.IsCompleted && await poll.WaitForNextTickAsync(Stop))
                before.Peak = Math.Max(before.Peak, rig.Process.AnonymousMiB);
        await running;
        var took = began.Elapsed;

        using var ada = await RawMqtt.ConnectAsync(rig.BrokerPort, "ada:good", "ada", "a");
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        Assert.False(rig.Process.HasExited);
        Assert.DoesNotContain("   at ", rig.Process.Output, StringComparison.Ordinal);
        var (lines, grown) = (Lines(rig) - before.Lines, before.Peak - before.MiB);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{fuzz.Sent} packets in {took.TotalSeconds:0.0} s, {lines} lines, {grown:0} MiB more");
        return (took, lines, grown);
    }

    static int Lines(WorkerRig rig) => rig.Process.Output.Split('\n').Length;
}
