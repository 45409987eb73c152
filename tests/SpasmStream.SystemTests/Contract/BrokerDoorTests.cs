using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>Crowds at the embedded broker's door: silent ones, liars, and those who send too much.</summary>
public sealed class BrokerDoorTests : IDisposable
{
    static readonly byte[] _lie = [0x10, 0xFF, 0xFF, 0xFF, 0x7F];

    readonly TempFolder _folder = new();
    readonly Authority _authority = new("the household");

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S10_Silent_TLS_connections_are_closed_and_a_good_device_connects_meanwhile() =>
        await SilentAsync(count: 60, ("Broker:ConnectSeconds", "2"));

    [NightlyFact]
    public async Task S10_Five_hundred_silent_TLS_connections_are_closed_within_eleven_seconds()
    {
        var longest = await SilentAsync(count: 500);

        TestContext.Current.TestOutputHelper?.WriteLine($"the longest stayed {longest.TotalSeconds:0.0} s");
        Assert.InRange(longest.TotalSeconds, 0, 11);
    }

    [Fact]
    public async Task B03_Two_hundred_lying_headers_are_not_believed_before_CONNECT_nor_after()
    {
        await using var rig = await BrokerRig.StartAsync([("Broker:ConnectionsPerAddress", "200"), .. Ada]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var began = Stopwatch.StartNew();
        var liars = await OpenAsync(rig.Port, 200);
        foreach (var (liar, _) in liars)
            await liar.GetStream().WriteAsync(_lie, Stop);
        await Task.WhenAll(liars.Select(ClosedAsync));
        var took = began.Elapsed;

        using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");
        await ada.SendAsync(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F });
        Assert.Null(await ada.ReadAsync());

        // One that is believed is 256 MiB; beside us other tests use some memory of their own.
        var grown = GC.GetTotalMemory(forceFullCollection: false) - before;
        Assert.InRange(grown, long.MinValue, NightlyFactAttribute.IsNight ? 8L << 20 : 200L << 20);
        if (NightlyFactAttribute.IsNight)
            Assert.InRange(took.TotalSeconds, 0, 1);
        // Each was refused for what it said and none for its silence; ten an hour are written down.
        Assert.Equal(10, rig.Log.Read().Count(it => it is { Action: "refused", Detail: "size" }));
    }

    [Fact]
    public async Task B02_A_message_of_256_KiB_is_kept_and_one_byte_more_ends_the_connection()
    {
        await using var rig = await WorkerRig.StartAsync();
        var text = WorkerRig.Bpm(WorkerRig.Now);
        using var ada = await rig.AdaAsync();
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, text.PadRight(256 * 1024)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());

        await ada.SendAsync(RawMqtt.Publish(2, WorkerRig.Topic, text.PadRight(256 * 1024 + 1)));

        var last = await ada.ReadAsync();
        Assert.Equal((RawMqtt.DisconnectType, 0x95), (last!.Type, last.Body[0]));
        Assert.Null(await ada.ReadAsync());
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        Assert.Equal(1, rig.Counter("MessagesReceived"));
    }

    [Theory]
    [InlineData(new byte[] { 0x36, 0x02, 0, 0 })]
    [InlineData(new byte[] { 0x00, 0x00 })]
    [InlineData(new byte[] { 0x20, 0x02, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0x02, 0, 1 })]
    [InlineData(new byte[] { 0x10, 0x02, 0, 0 })]
    public async Task M16_A_header_that_no_client_may_send_ends_the_connection_at_once(byte[] bytes)
    {
        await using var rig = await BrokerRig.StartAsync(Ada);
        using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "ada");
        using var other = await RawMqtt.ConnectAsync(rig.Port, "ada:other", "ada", "ada");

        await ada.SendAsync(bytes);

        Assert.Null(await ada.ReadAsync());
        await other.SendAsync(RawMqtt.Frame(0xC0, []));
        Assert.Equal(13, (await other.ReadAsync())?.Type);
    }

    [Fact]
    public async Task S10_The_twenty_first_of_an_address_is_told_and_the_worker_itself_comes_in()
    {
        await using var rig = await BrokerRig.StartAsync(Ada);
        var devices = new List<RawMqtt>();
        for (var i = 0; i < 20; i++)
            devices.Add(await RawMqtt.ConnectAsync(rig.Port, $"ada:{i}", "ada", "ada"));
        using var more = await RawMqtt.OpenAsync(rig.Port);

        Assert.Equal(0x97, await more.SignInAsync("ada:more", "ada", "ada"));
        using var worker = await rig.WorkerAsync();
        devices[7].Dispose();
        // Whoever comes back takes its own place.
        using var again = await RawMqtt.ConnectAsync(rig.Port, "ada:3", "ada", "ada");
        foreach (var device in devices)
            device.Dispose();
    }

    [Fact]
    public async Task S11_Whoever_sends_too_fast_is_read_later_and_others_do_not_notice()
    {
        await using var rig = await WorkerRig.StartAsync(("Broker:MessagesPerSecond", "5"));
        using var flooder = await RawMqtt.ConnectAsync(rig.BrokerPort, "ada:flood", "ada", "a");
        var start = WorkerRig.Now - 3_000_000;
        await flooder.SendAsync(Enumerable.Range(0, 1_000).SelectMany(i =>
            RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000))).ToArray());

        for (var device = 0; device < 10; device++)
        {
            using var normal = await RawMqtt.ConnectAsync(rig.BrokerPort, $"bob:{device}", "bob", "b");
            for (var i = 1; i <= 5; i++)
            {
                await normal.SendAsync(RawMqtt.Publish(i, "spasmstream/v1/in/bob/watch/heart-rate",
                    WorkerRig.Bpm(start + device * 10_000 + i * 1000)));
                Assert.Equal(new Puback(i, 0), await normal.ReadPubackAsync());
            }
        }

        // 50 at once and 5 a second: of the thousand nearly all still wait to be read. Were they read at
        // once, the flood would have been cut at 350.
        Assert.InRange(rig.Counter("MessagesReceived"), 50 + 50, 50 + 300);
    }

    [Fact]
    public async Task S11_A_history_of_QoS_1_is_slowed_and_all_of_it_is_kept()
    {
        await using var rig = await WorkerRig.StartAsync(("Broker:MessagesPerSecond", "20"));
        using var ada = await rig.AdaAsync();
        var start = WorkerRig.Now - 3_000_000;

        await ada.SendAsync(Enumerable.Range(1, 300).SelectMany(i =>
            RawMqtt.Publish(i, WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000))).ToArray());

        for (var i = 1; i <= 300; i++)
            Assert.Equal(new Puback(i, 0), await ada.ReadPubackAsync());
        Assert.Equal(300, rig.Count("SELECT count(*) FROM sample"));
    }

    [NightlyFact]
    public async Task S11_One_flooder_is_cut_with_0x97_and_ten_devices_are_answered_within_half_a_second()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var flooder = await RawMqtt.ConnectAsync(rig.BrokerPort, "ada:flood", "ada", "a");
        var start = WorkerRig.Now - 30_000_000;
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < 5_000; i++)
                await flooder.SendAsync(
                    RawMqtt.PublishOnce(WorkerRig.Topic, WorkerRig.Bpm(start + i * 1000)));
        }, Stop);
        var cut = flooder.ReadAsync(TimeSpan.FromMinutes(2));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(device => Task.Run(async () =>
        {
            using var normal = await RawMqtt.ConnectAsync(rig.BrokerPort, $"bob:{device}", "bob", "b");
            var took = new List<double>();
            for (var i = 1; !cut.IsCompleted; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await normal.SendAsync(RawMqtt.Publish(i, "spasmstream/v1/in/bob/watch/heart-rate",
                    WorkerRig.Bpm(start + device * 1_000_000 + i * 1000)));
                Assert.Equal(new Puback(i, 0), await normal.ReadPubackAsync());
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                await Task.WhenAny(cut, Task.Delay(1000, Stop));
            }

            return took;
        }, Stop)));

        var end = await cut;
        Assert.Equal((RawMqtt.DisconnectType, 0x97), (end!.Type, end.Body[0]));
        await Task.WhenAny(flood);
        var all = answers.SelectMany(it => it).Order().ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{all.Count} answers, p99 {all[all.Count * 99 / 100]:0} ms");
        Assert.InRange(all[all.Count * 99 / 100], 0, 500);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    static (string, string)[] Ada =>
    [
        ("Broker:Accounts:0:User", "ada"), ("Broker:Accounts:0:Password", "ada"),
        ("Broker:Accounts:0:Wearers:0", "ada"),
    ];

    async Task<TimeSpan> SilentAsync(int count, params (string, string)[] settings)
    {
        var (certificate, key) = _authority.WriteServer(_folder);
        await using var rig = await BrokerRig.StartAsync([("Broker:Certificate", certificate),
            ("Broker:CertificateKey", key), .. Ada, .. settings]);
        var silent = await OpenAsync(rig.TlsPort, count);

        using var good = await RawMqtt.OpenTlsAsync(rig.TlsPort, _authority.Options());
        Assert.Equal(0, await good.SignInAsync("ada", "ada", "ada"));
        var stayed = await Task.WhenAll(silent.Select(ClosedAsync));
        await good.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await good.ReadPubackAsync());
        return stayed.Max();
    }

    /// <summary>Twenty from each address of this machine: 127.0.0.1, 127.0.0.2, and so on.</summary>
    static async Task<List<(TcpClient Client, long At)>> OpenAsync(int port, int count)
    {
        var all = new List<(TcpClient, long)>();
        for (var i = 0; i < count; i++)
        {
            var client = new TcpClient(new IPEndPoint(IPAddress.Parse($"127.0.0.{1 + i / 20}"), 0));
            await client.ConnectAsync(IPAddress.Loopback, port, Stop);
            all.Add((client, Stopwatch.GetTimestamp()));
        }

        return all;
    }

    /// <summary>How long it stayed.</summary>
    static async Task<TimeSpan> ClosedAsync((TcpClient Client, long At) opened)
    {
        using (opened.Client)
            try
            {
                var stream = opened.Client.GetStream();
                while (await stream.ReadAsync(new byte[16], Stop).AsTask()
                    .WaitAsync(TimeSpan.FromSeconds(30), Stop) > 0)
                {
                }
            }
            catch (IOException)
            {
                // Cut off is closed too.
            }

        return Stopwatch.GetElapsedTime(opened.At);
    }
}
