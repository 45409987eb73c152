using System.Net.Sockets;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>
/// Packets as devices send them, with something changed: sent to a broker by several at once, before and
/// after they are let in. The seed says all that is sent.
/// </summary>
sealed class PacketFuzz(int seed, int port, string account, string password)
{
    const int Devices = 4;
    const int AtOnce = 20;

    static readonly byte[][] _valid =
    [
        RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(1_750_000_000_000)),
        RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(1_750_000_001_000), retain: true),
        RawMqtt.PublishTwice(2, WorkerRig.Topic, WorkerRig.Bpm(1_750_000_002_000)),
        RawMqtt.Publish(3, System.Text.Encoding.UTF8.GetBytes(WorkerRig.Topic),
            [0x01, 1, 0x26, 0, 2, (byte)'i', (byte)'d', 0, 1, (byte)'x', 0x02, 0, 0, 0, 9], "{}"),
        RawMqtt.Subscribe(4, "spasmstream/v1/out/ada/#"),
        RawMqtt.Frame(0xA2, [0, 5, 0, 0, 3, (byte)'a', (byte)'/', (byte)'#']),
        RawMqtt.Frame(0xC0, []),
        RawMqtt.Frame(0x40, [0, 1, 0, 0]),
        RawMqtt.Frame(0x62, [0, 2, 0, 0]),
        RawMqtt.Frame(0xE0, [0, 0]),
        RawMqtt.Frame(0xF0, [0x18, 0]),
    ];

    long _sent;

    /// <summary>Packets that were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public Task RunAsync(int packets, CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, Devices)
        .Select(device => Task.Run(() => SendAsync(device, packets / Devices, stop), stop)));

    async Task SendAsync(int device, int packets, CancellationToken stop)
    {
        var random = new Random(seed + device);
        byte[][] greetings =
        [
            RawMqtt.Connect($"{account}:{device}", account, password),
            RawMqtt.Connect($"{account}:{device}", account, password,
                ("spasmstream/v1/in/ada/watch/status", "offline"), expiry: 60),
            RawMqtt.ConnectOld($"{account}:{device}", account, password),
        ];
        for (var sent = 0; sent < packets && !stop.IsCancellationRequested;)
        {
            var burst = new List<byte>();
            var greeting = greetings[random.Next(greetings.Length)];
            // One in four is not even let in.
            burst.AddRange(random.Next(4) == 0 ? Mutate(greeting, random) : greeting);
            var count = Math.Min(packets - sent, random.Next(1, AtOnce + 1));
            for (var i = 0; i < count; i++)
                burst.AddRange(Mutate(_valid[random.Next(_valid.Length)], random));
            await SayAsync([.. burst], random.Next(2) == 0, stop);
            sent += count;
            Interlocked.Add(ref _sent, count);
        }
    }

    async Task SayAsync(byte[] bytes, bool abort, CancellationToken stop)
    {
        using var client = new TcpClient { NoDelay = true };
        try
        {
            await client.ConnectAsync("127.0.0.1", port, stop);
            var stream = client.GetStream();
            await stream.WriteAsync(bytes, stop);
            client.Client.Shutdown(SocketShutdown.Send);
            if (abort)
            {
                client.LingerState = new LingerOption(true, 0);
                return;
            }

            var answer = new byte[4096];
            while (await stream.ReadAsync(answer, stop) > 0)
            {
            }
        }
        catch (Exception cut) when (cut is IOException or SocketException)
        {
            // The least it deserves.
        }
    }

    static byte[] Mutate(byte[] valid, Random random)
    {
        var bytes = new List<byte>(valid);
        for (var changes = random.Next(0, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, random.Next(1, bytes.Count - at + 1));
                    break;
                case 3:
                    bytes.InsertRange(at, valid);
                    break;
                case 4:
                    bytes.Insert(at, ((byte[])[0, 0x7F, 0x80, 0xFF])[random.Next(4)]);
                    break;
                case 5:
                    bytes[Math.Min(1, bytes.Count - 1)] = (byte)random.Next(256);
                    break;
                case 6:
                    bytes[0] = (byte)random.Next(256);
                    break;
                default:
                    // The length is right, what it holds is anything.
                    random.NextBytes(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes)[
                        Math.Min(2, bytes.Count)..]);
                    break;
            }
        }

        return [.. bytes];
    }
}
