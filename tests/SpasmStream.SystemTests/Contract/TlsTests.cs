using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.SystemTests.Contract;

/// <summary>The embedded broker over TLS, with passwords and with certificates.</summary>
public sealed class TlsTests : IDisposable
{
    const int Refused = -1;

    readonly TempFolder _folder = new();
    readonly Authority _authority = new("the household");

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task S06_A_password_crosses_TLS_and_a_message_is_kept(SslProtocols protocol)
    {
        await using var rig = await StartAsync(withClients: false);
        using var ada = await RawMqtt.OpenTlsAsync(rig.TlsPort, _authority.Options(null, protocol));

        Assert.Equal(0, await ada.SignInAsync("ada", "ada", "secret"));
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        Assert.Equal(0x86, await SignInAsync(rig, _authority.Options(), "ada", "wrong"));
    }

    /// <summary>The greeting is sent in bytes, because no library here speaks TLS 1.1 any more.</summary>
    [Theory]
    [InlineData(2, 21)]
    [InlineData(3, 22)]
    public async Task S06_TLS_1_1_is_refused_where_1_2_is_answered(byte minor, byte answer)
    {
        await using var rig = await StartAsync(withClients: false);
        using var socket = new TcpClient();
        await socket.ConnectAsync("127.0.0.1", rig.TlsPort, TestContext.Current.CancellationToken);

        await socket.GetStream().WriteAsync(Greeting(minor), TestContext.Current.CancellationToken);

        // 22 is a handshake that goes on; 21 an alert, fatal, of protocol_version.
        var record = new byte[7];
        await socket.GetStream().ReadExactlyAsync(record, TestContext.Current.CancellationToken);
        Assert.Equal(answer, record[0]);
        if (answer == 21)
            Assert.Equal([2, 70], record[5..]);
    }

    [Fact]
    public async Task S06_With_an_authority_a_certificate_is_the_account_and_everything_else_is_refused()
    {
        await using var rig = await StartAsync(withClients: true);
        using var other = new Authority("somebody else");
        using var right = _authority.Client("ada");
        using var byAlias = _authority.Client("a watch", alias: "ada");
        using var expired = _authority.Client("ada", -3, -1);
        using var early = _authority.Client("ada", 1, 2);
        using var stranger = _authority.Client("mallory");
        using var worker = _authority.Client("worker");
        using var server = _authority.NoClient("ada");
        using var foreign = other.Client("ada");

        Assert.Equal(0, await SignInAsync(rig, _authority.Options(right), null, null, "ada:1"));
        Assert.Equal(0, await SignInAsync(rig, _authority.Options(right), "ada", null, "ada:2"));
        Assert.Equal(0, await SignInAsync(rig, _authority.Options(byAlias), null, null, "ada:3"));
        Assert.Equal(0x86, await SignInAsync(rig, _authority.Options(right), "bob", "b", "bob"));
        Assert.Equal(0x85, await SignInAsync(rig, _authority.Options(right), null, null, "bob"));
        Assert.Equal(0x86, await SignInAsync(rig, _authority.Options(stranger), null, null, "mallory"));
        Assert.Equal(0x86, await SignInAsync(rig, _authority.Options(worker), null, null, "worker"));
        Assert.Equal(Refused, await SignInAsync(rig, _authority.Options(expired), "ada", "secret"));
        Assert.Equal(Refused, await SignInAsync(rig, _authority.Options(early), "ada", "secret"));
        Assert.Equal(Refused, await SignInAsync(rig, _authority.Options(server), "ada", "secret"));
        Assert.Equal(Refused, await SignInAsync(rig, _authority.Options(foreign), "ada", "secret"));
        Assert.Equal(Refused, await SignInAsync(rig, _authority.Options(), "ada", "secret"));

        // Whom the certificate names is whose wearers it may publish for.
        using var ada = await RawMqtt.OpenTlsAsync(rig.TlsPort, _authority.Options(right));
        Assert.Equal(0, await ada.SignInAsync("ada"));
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        await ada.SendAsync(RawMqtt.Publish(
            2, "spasmstream/v1/in/bob/watch/heart-rate", WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(2, 0x87), await ada.ReadPubackAsync());
    }

    [Fact]
    public async Task S05_The_port_without_TLS_listens_on_this_machine_only()
    {
        var (certificate, key) = _authority.WriteServer(_folder);
        await using var rig = await BrokerRig.StartAsync(("Broker:Listen", "0.0.0.0"),
            ("Broker:Certificate", certificate), ("Broker:CertificateKey", key));

        Assert.Equal(["0100007F"], ListeningOn("/proc/net/tcp", rig.Port));
        Assert.Equal(["00000000"], ListeningOn("/proc/net/tcp", rig.TlsPort));
        Assert.Empty(ListeningOn("/proc/net/tcp6", rig.Port));
        Assert.Empty(ListeningOn("/proc/net/tcp6", rig.TlsPort));
    }

    [Theory]
    [InlineData("127.0.0.1", false, "0100007F", "")]
    [InlineData("127.0.0.2", false, "0200007F", "")]
    [InlineData("::1", false, "", "00000000000000000000000001000000")]
    [InlineData("0.0.0.0", true, "00000000", "")]
    [InlineData("::", true, "", "00000000000000000000000000000000")]
    public async Task S05_What_is_configured_is_what_is_listened_on_and_nothing_else(
        string address, bool insecure, string four, string six)
    {
        await using var rig = await BrokerRig.StartAsync(
            ("Broker:Listen", address), ("Broker:AllowInsecureMqtt", $"{insecure}"));

        Assert.Equal(four, string.Join(' ', ListeningOn("/proc/net/tcp", rig.Port)));
        Assert.Equal(six, string.Join(' ', ListeningOn("/proc/net/tcp6", rig.Port)));
        Assert.Empty(ListeningOn("/proc/net/tcp", rig.TlsPort));
        Assert.Empty(ListeningOn("/proc/net/tcp6", rig.TlsPort));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("192.168.1.7")]
    public async Task S05_Another_address_without_TLS_ends_the_start_with_78_unless_it_is_allowed(
        string address)
    {
        await using var worker = WorkerProcess.Start(_folder.Path, ["check-config"],
            new Dictionary<string, string> { ["SPASMSTREAM_Broker__Listen"] = address });

        Assert.Equal(78, await worker.Process.ExitAsync());
        Assert.Contains("Broker:Listen", worker.Process.Output, StringComparison.Ordinal);
        var (settings, _) = Settings.Load(null, [KeyValuePair.Create("Broker:Listen", (string?)address),
            KeyValuePair.Create("Broker:AllowInsecureMqtt", (string?)"true")]);
        Assert.Equal(address, settings.Broker.Listen);
    }

    [Fact]
    public async Task S06_A_certificate_that_cannot_be_read_ends_the_start_with_a_sentence()
    {
        var (certificate, _) = _authority.WriteServer(_folder);
        var garbage = _folder.Write("no.pem", "not a certificate");

        foreach (var (key, authority) in ((string, string?)[])[(garbage, null),
            (_folder.At("missing.key"), null), (_folder.At("server.key"), garbage)])
        {
            var fault = await Assert.ThrowsAsync<SetupException>(() => BrokerRig.StartAsync(
                ("Broker:Certificate", certificate), ("Broker:CertificateKey", key),
                ("Broker:ClientCa", authority!)));
            Assert.StartsWith("Broker:C", fault.Message, StringComparison.Ordinal);
        }
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    Task<BrokerRig> StartAsync(bool withClients)
    {
        var (certificate, key) = _authority.WriteServer(_folder);
        (string, string)[] settings =
        [
            ("Broker:Certificate", certificate), ("Broker:CertificateKey", key),
            ("Broker:Accounts:0:User", "ada"), ("Broker:Accounts:0:Password", "secret"),
            ("Broker:Accounts:0:Wearers:0", "ada"), ("Broker:Accounts:1:User", "bob"),
            ("Broker:Accounts:1:Password", "b"), ("Broker:Accounts:1:Wearers:0", "bob"),
        ];
        return BrokerRig.StartAsync(withClients
            ? [.. settings, ("Broker:ClientCa", _authority.WriteTo(_folder, "ca.pem"))] : settings);
    }

    static byte[] Greeting(byte minor)
    {
        byte[] extensions = [0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3];
        byte[] body = [3, minor, .. new byte[32], 0, 0, 4, 0xC0, 0x2B, 0xC0, 0x09, 1, 0,
            0, (byte)extensions.Length, .. extensions];
        return [22, 3, 1, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
    }

    /// <summary>The code of the CONNACK; <see cref="Refused"/> when there is none.</summary>
    static async Task<int> SignInAsync(BrokerRig rig, SslClientAuthenticationOptions tls, string? account,
        string? password, string? clientId = null)
    {
        try
        {
            using var client = await RawMqtt.OpenTlsAsync(rig.TlsPort, tls);
            await client.SendAsync(RawMqtt.Connect(clientId ?? account!, account, password));
            return await client.ReadAsync() is { } answer ? answer.Body[1] : Refused;
        }
        catch (Exception fault) when (fault is IOException or AuthenticationException)
        {
            return Refused;
        }
    }

    static List<string> ListeningOn(string table, int port) => File.ReadLines(table).Skip(1)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(columns => columns[3] == "0A" && columns[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
        .Select(columns => columns[1].Split(':')[0]).ToList();
}
