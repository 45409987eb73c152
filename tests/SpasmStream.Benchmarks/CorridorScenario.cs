using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NodaTime;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Benchmarks;

/// <summary>
/// The whole corridor without a broker: from the queue through decoding and the commit to the
/// acknowledgement, beside a bare loop of the same keyed insert. Run it with
/// <c>--scenario corridor 1000000</c>.
/// </summary>
static class CorridorScenario
{
    const int Wearers = 200;
    const int Column = 60;

    /// <param name="rows">How many samples each way of sending them.</param>
    public static async Task RunAsync(int rows)
    {
        Console.WriteLine($"{"",-34} {"msg/s",10} {"samples/s",10} {"CPU s/100k msg",14} {"B/msg",8}");
        var slow = BareLoop.Run(rows, rowsPerCommit: 1_000, samples: 1);
        var single = BareLoop.Run(rows, rowsPerCommit: 10_000, samples: 1);
        var columns = BareLoop.Run(rows, rowsPerCommit: 10_000, samples: Column);
        Console.WriteLine($"Bare, 1 in turn, 1,000 a commit:  {slow:N0} rows/s.");
        Console.WriteLine($"Bare, 1 in turn, 10,000 a commit: {single:N0} rows/s.");
        Console.WriteLine($"Bare, 60 in turn, 10,000 a commit: {columns:N0} rows/s.");
        foreach (var follows in (bool[])[false, true])
        {
            await CarryAsync(rows, 1, single, follows);
            await CarryAsync(rows / Column, Column, columns, follows);
        }

        await TrickleAsync();
    }

    /// <summary>A message for each wearer in turn, as fast as the queue takes them in.</summary>
    static async Task CarryAsync(int messages, int samples, double ceiling, bool follows)
    {
        using var corridor = new Corridor(follows);
        // What is compiled and opened first is not counted.
        await corridor.SendAsync(Payloads(20_000 / samples, samples, Duration.FromDays(2)));
        var payloads = Payloads(messages, samples, Duration.FromDays(1));
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (cpu, bytes, commits) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes(true),
            corridor.Commits);
        var clock = Stopwatch.StartNew();
        await corridor.SendAsync(payloads);
        var seconds = clock.Elapsed.TotalSeconds;
        process.Refresh();
        var spent = (process.TotalProcessorTime - cpu).TotalSeconds;
        var perMessage = (GC.GetTotalAllocatedBytes(true) - bytes) / (double)messages;
        Console.WriteLine($"{samples + (follows ? " a message, wearers followed" : " a message"),-34} "
            + $"{messages / seconds,10:N0} {(double)messages * samples / seconds,10:N0} "
            + $"{spent / messages * 100_000,14:0.00} {perMessage,8:N0}   "
            + $"{messages * (double)samples / seconds / ceiling:0.00} of bare at 10,000, "
            + $"{messages / (double)Math.Max(1, corridor.Commits - commits):N0} messages a commit");
    }

    /// <summary>A thousand messages a second, each when its time comes: what the CPU does for them.</summary>
    static async Task TrickleAsync()
    {
        using var corridor = new Corridor(follows: false);
        await corridor.SendAsync(Payloads(20_000, 1, Duration.FromDays(2)));
        var payloads = Payloads(10_000, 1, Duration.FromDays(1));
        using var process = Process.GetCurrentProcess();
        var (cpu, commits) = (process.TotalProcessorTime, corridor.Commits);
        var clock = Stopwatch.StartNew();
        await corridor.SendAsync(payloads, perSecond: 1_000);
        process.Refresh();
        Console.WriteLine("1,000 messages/s: "
            + $"{(process.TotalProcessorTime - cpu) / clock.Elapsed:0.000} of a core, "
            + $"{payloads.Count / (double)(corridor.Commits - commits):0.0} messages a commit.");
    }

    static List<(string Topic, ReadOnlyMemory<byte> Payload)> Payloads(int count, int samples, Duration ago)
    {
        var start = (Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()) - ago)
            .ToUnixTimeMilliseconds();
        string[] topics = [.. Enumerable.Range(0, Wearers)
            .Select(i => $"spasmstream/v1/in/w{i}/strap/heart-rate")];
        var values = string.Join(',', Enumerable.Range(0, Column).Select(i => 60 + i % 30));
        var made = new List<(string, ReadOnlyMemory<byte>)>(count);
        for (var i = 0; i < count; i++)
            made.Add((topics[i % Wearers], Encoding.UTF8.GetBytes(samples == 1
                ? $$"""{"v":1,"t":{{start + i / Wearers * 1_000L}},"bpm":{{60 + i % 30}}}"""
                : $$"""{"v":1,"t0":{{start + i / Wearers * 60_000L}},"step":1000,"bpm":[{{values}}]}""")));
        return made;
    }

    /// <summary>The rooms between the doors and the file, as the worker composes them.</summary>
    sealed class Corridor : IDisposable
    {
        readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("spasmstream-corridor-");
        readonly StoreWriter _writer;
        readonly DeliveryQueue _queue;
        readonly AssessQueue _assess = new();
        readonly Pipeline _pipeline;
        readonly AssessLoop? _loop;
        long _acknowledged;
        long _commits;

        public Corridor(bool follows)
        {
            var file = new StoreFile(_folder.FullName);
            var time = TimeProvider.System;
            var options = Options.Create(new IntakeOptions());
            var wearers = new WearerDirectory([], admitsStrangers: true, "Europe/Berlin");
            _writer = new StoreWriter(file, new StoreOptions { Directory = _folder.FullName }, time);
            _writer.RunAsync(session =>
            {
                SQLitePCL.raw.sqlite3_commit_hook(session.Connection.Handle!, _ =>
                {
                    _commits++;
                    return 0;
                }, null);
                return 0;
            }, default).GetAwaiter().GetResult();
            _queue = new DeliveryQueue(options, new ArrivalClock(time), time);
            _pipeline = new Pipeline(_queue, new WireDecoder(), wearers, new SqliteJournal(_writer), _assess,
                new CommitSignal(), options, new Heartbeats(time));
            _pipeline.StartAsync(default).GetAwaiter().GetResult();
            if (!follows)
                return;
            _loop = new AssessLoop(_assess, _queue, file, _writer, wearers,
                EntryReading.With(new WireDecoder()), new AssessState(), [], options, new Heartbeats(time),
                time, NullLogger<AssessLoop>.Instance);
            _loop.StartAsync(default).GetAwaiter().GetResult();
        }

        public long Commits => Volatile.Read(ref _commits);

        /// <summary>Returns when the last of them is acknowledged.</summary>
        public async Task SendAsync(
            List<(string Topic, ReadOnlyMemory<byte> Payload)> messages, int perSecond = 0)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var last = Volatile.Read(ref _acknowledged) + messages.Count;
            Acknowledge acknowledge = (run, outcomes) =>
            {
                foreach (var outcome in outcomes)
                    if (outcome.Reason is not null)
                        done.TrySetException(new InvalidOperationException(outcome.Reason));
                if (Interlocked.Add(ref _acknowledged, run.Length) == last)
                    done.TrySetResult();
            };
            await Task.Run(async () =>
            {
                var clock = Stopwatch.StartNew();
                for (var i = 0; i < messages.Count; i++)
                {
                    while (perSecond > 0 && clock.Elapsed.TotalSeconds * perSecond < i)
                        await Task.Delay(1);
                    while (_queue.WaitForRoomAsync() is { IsCompleted: false } room)
                        await room;
                    if (!_queue.TryAdd(new Delivery
                    {
                        Topic = messages[i].Topic,
                        Payload = messages[i].Payload,
                        Received = default,
                        Acknowledge = acknowledge,
                    }))
                        throw new InvalidOperationException("Beyond the hard cap.");
                }
            });
            await done.Task;
        }

        public void Dispose()
        {
            _loop?.StopAsync(default).GetAwaiter().GetResult();
            _pipeline.StopAsync(default).GetAwaiter().GetResult();
            _loop?.Dispose();
            _pipeline.Dispose();
            _assess.Dispose();
            _writer.Dispose();
            _folder.Delete(recursive: true);
        }
    }
}
