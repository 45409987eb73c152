using System.Buffers.Binary;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>What the kernel was asked for, and in which order: first the disk, then the broker.</summary>
public sealed class FsyncTests
{
    const int Messages = 1_000;
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task F31_Every_acknowledgement_of_a_thousand_is_sent_after_the_fsync_of_its_batch()
    {
        using var broker = new ScriptedBroker();
        await using var rig = WorkerRig.Make(
            ("Notify:Mqtt", "false"), ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        rig.InFront = SyscallTrace.Command(rig.At("trace"));
        await rig.StartAgainAsync(ready: false);
        using var link = await broker.AcceptAsync();
        await rig.Process.WaitForLineAsync("Listening", _patience);
        var start = WorkerRig.Now - 10_000_000;
        await ExchangeAsync(link, start);
        Assert.Equal(Messages, rig.Count("SELECT count(*) FROM sample"));
        rig.Process.Send(Signal.Terminate);
        await rig.Process.ExitAsync(_patience);
        await TracedAsync(rig);

        var calls = SyscallTrace.Read(rig.At("trace"));
        var written = Written(calls, start);
        var syncs = calls.Where(it => it.Name is "fsync" or "fdatasync"
            && it.File.EndsWith("-wal", StringComparison.Ordinal)).ToList();
        var sent = Acknowledged(calls);
        Assert.Equal(Enumerable.Range(1, Messages), sent.Select(it => it.PacketId));
        foreach (var (packetId, send) in sent)
        {
            var write = written[packetId];
            Assert.True(
                syncs.Any(sync => sync.Began > write.Ended && sync.Ended < send.Began),
                $"PUBACK {packetId} (line {send.Began}) has no fsync after its write (line {write.Ended}).");
        }

        Print(calls, written[500].Began, sent[499].Send.Ended);
        var batches = sent.Select(it => it.Send.Began).Distinct().Count();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Messages} messages, {syncs.Count} fsyncs of the log, {batches} sends with acknowledgements");
    }

    // In pieces of any size, within what a broker may have out: commits of many sizes.
    static async Task ExchangeAsync(RawMqtt link, long start)
    {
        var random = new Random(31);
        for (int sent = 0, piece; sent < Messages; sent += piece)
        {
            piece = Math.Min(random.Next(1, 60), Messages - sent);
            await link.SendAsync(Enumerable.Range(sent + 1, piece).SelectMany(id =>
                RawMqtt.Publish(id, WorkerRig.Topic, WorkerRig.Bpm(start + id))).ToArray());
            for (var id = sent + 1; id <= sent + piece; id++)
                Assert.Equal(new Puback(id, 0), await link.ReadPubackAsync(_patience));
        }
    }

    /// <summary>The first write to the log that holds a message's row, by the bytes of its key.</summary>
    static Dictionary<int, Syscall> Written(List<Syscall> calls, long start)
    {
        var first = new Dictionary<int, Syscall>();
        foreach (var call in calls.Where(it => it.Name == "pwrite64"
            && it.File.EndsWith("-wal", StringComparison.Ordinal)))
            for (var i = 0; i + 8 <= call.Bytes.Length; i++)
            {
                // An instant is six bytes in a row.
                var t = (long)(BinaryPrimitives.ReadUInt64BigEndian(call.Bytes.AsSpan(i)) >> 16);
                if (t > start && t <= start + Messages)
                    first.TryAdd((int)(t - start), call);
            }

        return first;
    }

    /// <summary>Each PUBACK with the call that sent it.</summary>
    static List<(int PacketId, Syscall Send)> Acknowledged(List<Syscall> calls)
    {
        var sent = new List<(int PacketId, Syscall Send)>();
        var sends = calls.Where(it => it.Name is "sendto" or "sendmsg" or "write").ToList();
        // The socket that said CONNECT is the broker's.
        var socket = sends.First(it => it.Bytes.AsSpan().IndexOf("MQTT"u8) is > 0 and < 10).Descriptor;
        var log = new WireLog();
        var seen = 0;
        foreach (var call in sends.Where(it => it.Descriptor == socket))
        {
            log.Add(up: true, call.Bytes);
            var all = log.Acknowledged();
            sent.AddRange(all.Skip(seen).Select(id => (id, call)));
            seen = all.Count;
        }

        return sent;
    }

    // strace goes on for a moment after the worker has ended.
    static Task TracedAsync(WorkerRig rig) => Task.Run(async () =>
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.ReadLines(rig.At("trace")).Last().Contains("+++ exited", StringComparison.Ordinal))
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
    }).WaitAsync(_patience);

    static void Print(List<Syscall> calls, int from, int to)
    {
        foreach (var call in calls.Where(it => it.Began >= from && it.Began <= to))
        {
            var file = Path.GetFileName(call.File);
            var bytes = call.Bytes.Length == 0 ? ""
                : $", {Convert.ToHexString(call.Bytes.AsSpan(0, Math.Min(8, call.Bytes.Length)))}..., "
                + $"{call.Bytes.Length}";
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{call.Seconds % 1000:F6} {call.Name}({call.Descriptor}<{file}>{bytes})");
        }
    }
}
