using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Notify;

namespace SpasmStream.SystemTests.Contract;

/// <summary>TLS to an external broker: who is trusted, and why somebody is not.</summary>
public sealed class BrokerTlsTests : IDisposable
{
    const string Here = "127.0.0.1";

    readonly TestAuthority _authority = new();
    readonly TempFolder _folder = new();

    [Fact]
    public async Task S06_A_broker_of_the_private_authority_is_trusted_by_both_connections()
    {
        await using var broker = await BrokerAsync(_authority.Issue(Here));
        await using var rig = Rig(broker.Port);
        await rig.StartAsync();

        await rig.UntilConnectedAsync();
        using var outgoing = new OutConnection(Target(rig));
        Assert.True(await outgoing.OpenAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("elsewhere.example", false, "another host name")]
    [InlineData(Here, true, "has expired")]
    public async Task S06_A_wrong_host_name_or_an_expired_certificate_is_refused(
        string name, bool expired, string why)
    {
        await using var broker = await BrokerAsync(_authority.Issue(name, expired));

        await RefusedAsync(broker.Port, why);
    }

    [Fact]
    public async Task S06_A_certificate_of_another_authority_is_refused()
    {
        using var other = new TestAuthority("Another authority");
        await using var broker = await BrokerAsync(other.Issue(Here));

        await RefusedAsync(broker.Port, "an authority that is not trusted");
    }

    [Fact]
    public async Task S06_A_certificate_of_another_authority_of_the_same_name_is_refused()
    {
        using var other = new TestAuthority();
        await using var broker = await BrokerAsync(other.Issue(Here));

        await RefusedAsync(broker.Port, "TLS: the broker is not trusted");
    }

    [Fact]
    public async Task S06_A_self_signed_certificate_is_refused()
    {
        await using var broker = await BrokerAsync(TestAuthority.SelfSigned(Here));

        await RefusedAsync(broker.Port, "self-signed");
    }

    [Fact]
    public async Task S06_Without_a_file_this_machines_authorities_count_and_the_private_one_is_none()
    {
        await using var broker = await BrokerAsync(_authority.Issue(Here));
        await using var rig = Rig(broker.Port);
        rig.Options.CaFile = null;
        await rig.StartAsync();

        Assert.Contains("an authority that is not trusted", await rig.RefusalAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task S06_TLS_1_1_is_refused_and_never_offered()
    {
        using var broker = new OldTlsServer();
        await using var rig = Rig(broker.Port);
        await rig.StartAsync();

        Assert.Contains("neither TLS 1.2 nor TLS 1.3", await rig.RefusalAsync(), StringComparison.Ordinal);
        // 0x0304 and 0x0303 are TLS 1.3 and 1.2.
        var offered = await broker.OfferedAsync();
        Assert.Equal([0x0304, 0x0303], offered);
    }

    [Fact]
    public async Task M11_A_port_without_TLS_is_refused_not_spoken_to_in_plain()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = Rig(broker.Port);
        await rig.StartAsync();

        await rig.UntilAsync(() => rig.State.Report.Reason.Contains("does the port speak TLS",
            StringComparison.Ordinal), "told that it is no TLS");
        Assert.False(rig.State.Listening);
    }

    [Theory]
    [InlineData("tlsv1.2")]
    [InlineData("tlsv1.3")]
    public async Task S06_A_broker_that_wants_a_client_certificate_gets_it_or_says_no(string version)
    {
        await using var broker = await BrokerAsync(_authority.Issue(Here), "require_certificate true",
            "use_identity_as_username true", "allow_anonymous false", $"tls_version {version}");
        await using var rig = Rig(broker.Port);
        await rig.StartAsync();

        Assert.Contains("wants a client certificate", await rig.RefusalAsync(), StringComparison.Ordinal);

        UseCertificate(rig, _authority.Issue("spasmstream"));
        await rig.StartAsync();
        await rig.UntilConnectedAsync();
        using var outgoing = new OutConnection(Target(rig));
        Assert.True(await outgoing.OpenAsync(TestContext.Current.CancellationToken));

        using var other = new TestAuthority("Another authority");
        UseCertificate(rig, other.Issue("spasmstream"));
        await rig.StartAsync();
        Assert.Contains("does not trust our client certificate", await rig.RefusalAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task S07_Files_are_read_again_at_every_connect()
    {
        await using var broker = await BrokerAsync(_authority.Issue(Here));
        using var other = new TestAuthority("Another authority");
        await using var rig = Rig(broker.Port);
        File.WriteAllText(rig.Options.CaFile!, other.Pem);
        await rig.StartAsync();
        await rig.RefusalAsync();

        File.WriteAllText(rig.Options.CaFile!, "nothing");
        await rig.UntilAsync(
            () => rig.State.Report.Reason.StartsWith("Mqtt:CaFile", StringComparison.Ordinal),
            "a broken file is told");
        File.WriteAllText(rig.Options.CaFile!, other.Pem + "\n" + _authority.Pem);

        await rig.UntilConnectedAsync();
    }

    [Fact]
    public void B46_Each_fault_of_the_files_is_one_line_with_its_key()
    {
        var (mine, other) = (_authority.Issue("mine"), _authority.Issue("other"));
        var certificate = _folder.Write("mine.pem", mine.Certificate);
        var key = _folder.Write("mine.key", mine.Key);
        var (foreign, broken) = (_folder.Write("other.key", other.Key), _folder.Write("broken.pem", "?"));
        var ca = _folder.Write("ca.pem", _authority.Pem);

        Assert.Empty(new BrokerTls(ca, certificate, key).Faults("Mqtt"));
        Fault(new(_folder.At("none.pem"), null, null), "Mqtt:CaFile: ", "does not exist");
        Fault(new(broken, null, null), "Mqtt:CaFile: ", "no PEM certificate");
        Fault(new(_folder.Path, null, null), "Mqtt:CaFile: ", "cannot be read");
        Fault(new(null, certificate, null), "Mqtt:ClientCertificateFile: ", "needs its private key");
        Fault(new(null, null, key), "Mqtt:ClientKeyFile: ", "alone is of no use");
        Fault(new(null, broken, key), "Mqtt:ClientCertificateFile: ", "no PEM certificate");
        Fault(new(null, certificate, _folder.At("none.key")), "Mqtt:ClientKeyFile: ", "does not exist");
        Fault(new(null, certificate, foreign), "Mqtt:ClientKeyFile: ", "belongs to the certificate");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    static void Fault(BrokerTls tls, string key, string says)
    {
        var fault = Assert.Single(tls.Faults("Mqtt"));
        Assert.StartsWith(key, fault, StringComparison.Ordinal);
        Assert.Contains(says, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault);
    }

    async Task RefusedAsync(int port, string why)
    {
        await using var rig = Rig(port);
        await rig.StartAsync();

        Assert.Contains(why, await rig.RefusalAsync(), StringComparison.Ordinal);
        using var outgoing = new OutConnection(Target(rig));
        var refused = await Assert.ThrowsAsync<BrokerRefusedException>(() =>
            outgoing.OpenAsync(TestContext.Current.CancellationToken));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    IntakeRig Rig(int port)
    {
        var rig = new IntakeRig(port);
        rig.Options.Tls = true;
        rig.Options.CaFile = rig.Write("ca.pem", _authority.Pem);
        return rig;
    }

    static void UseCertificate(IntakeRig rig, PemPair pair)
    {
        rig.Options.ClientCertificateFile = rig.Write("us.pem", pair.Certificate);
        rig.Options.ClientKeyFile = rig.Write("us.key", pair.Key);
    }

    static OutTarget Target(IntakeRig rig) =>
        new(Here, rig.Options.Port, "out", null, null, rig.Options.TlsInUse());

    Task<MosquittoBroker> BrokerAsync(PemPair server, params string[] lines) =>
        MosquittoBroker.StartAsync(broker => Task.FromResult(string.Join('\n',
            [
                $"listener {broker.Port} 127.0.0.1", "user root", "log_dest stderr",
                $"cafile {broker.Write("ca.pem", _authority.Pem)}",
                $"certfile {broker.Write("server.pem", server.Certificate)}",
                $"keyfile {broker.Write("server.key", server.Key)}",
                .. lines.Length > 0 ? lines : ["allow_anonymous true"], "",
            ])));
}
