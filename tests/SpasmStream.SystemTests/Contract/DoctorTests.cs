using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Contract;

/// <summary>The doctor beside real workers and real brokers.</summary>
public sealed class DoctorTests
{
    const string Reading = "user spasmstream\ntopic read spasmstream/v1/in/#\n";

    static readonly MosquittoSettings _withAccount = new()
    {
        Passwords = new Dictionary<string, string> { ["spasmstream"] = "right" },
    };

    [Fact]
    public async Task With_a_worker_and_its_own_broker_all_is_well()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        await ada.ReadPubackAsync();

        var told = await DoctorAsync(rig);

        Assert.True(told.Code == 0 && told.Bad.Count == 0, told.Text);
        Assert.Contains("says it lives", told.Text, StringComparison.Ordinal);
        Assert.Contains("The account is accepted", told.Text, StringComparison.Ordinal);
        Assert.False(rig.Process.HasExited);
        Assert.Equal(0, await rig.Worker.StopAsync());
    }

    [Fact]
    public async Task With_the_account_made_for_a_first_start_all_is_well()
    {
        await using var rig = await WorkerRig.StartAsync();
        await rig.Worker.StopAsync();
        await using var plain = await WorkerRig.StartAsync(without: "Broker:Accounts");

        var told = await DoctorAsync(plain);

        Assert.True(told.Code == 0 && told.Bad.Count == 0, told.Text);
    }

    [Fact]
    public async Task S03_With_accounts_of_which_only_hashes_are_known_the_port_alone_is_tried()
    {
        var hash = PasswordHash.Make("a").ToString();
        await using var rig = await WorkerRig.StartAsync(
            ("Broker:Accounts:0:Password", ""), ("Broker:Accounts:0:PasswordHash", hash),
            ("Broker:Accounts:1:Password", ""), ("Broker:Accounts:1:PasswordHash", hash));

        var told = await DoctorAsync(rig);

        Assert.True(told.Code == 0 && told.Bad.Count == 0, told.Text);
        Assert.Contains("only hashes of passwords are known", told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(new SecurityLog(rig.Folder).Read(), it => it.Action == "login-failed");
    }

    [Fact]
    public async Task Without_a_worker_all_is_well_and_a_start_afterwards_finds_nothing_changed()
    {
        await using var rig = await WorkerRig.StartAsync();
        Assert.Equal(0, await rig.Worker.StopAsync());
        var before = Trace(rig);

        var told = await DoctorAsync(rig);

        Assert.True(told.Code == 0 && told.Bad.Count == 0, told.Text);
        Assert.Contains("is free", told.Text, StringComparison.Ordinal);
        Assert.Equal(before, Trace(rig));
        await rig.StartAgainAsync();
    }

    [Fact]
    public async Task With_mosquitto_all_is_well_and_the_session_of_the_worker_is_left_alone()
    {
        await using var broker = await MosquittoBroker.StartAsync(_withAccount with
        {
            Acl = Reading + "topic write spasmstream/v1/out/#\n",
        });
        await using var rig = await WorkerRig.StartAsync(broker.Port, Right);

        var told = await DoctorAsync(rig);

        Assert.True(told.Code == 0 && told.Bad.Count == 0, told.Text);
        Assert.Contains("spasmstream/v1/in/# may be subscribed to", told.Text, StringComparison.Ordinal);
        Assert.Contains("spasmstream/v1/out/# may be published", told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("right", told.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("connection to the broker ended", rig.Process.Output, StringComparison.Ordinal);
        Assert.Equal(0, await rig.Worker.StopAsync());
    }

    [Fact]
    public async Task A_wrong_password_is_found()
    {
        await using var broker = await MosquittoBroker.StartAsync(_withAccount);
        await using var rig = External(broker.Port,
            ("Mqtt:User", "spasmstream"), ("Mqtt:Password", "wrong"));

        await FailsAsync(rig, "refuses the account");
    }

    [Fact]
    public async Task A_broker_that_is_down_is_found()
    {
        await using var rig = External(FreePort.Next());

        await FailsAsync(rig, "did not take a connection");
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_found()
    {
        await using var rig = External(1883, ("Mqtt:Host", "no-such-host.invalid"));

        await FailsAsync(rig, "did not answer for its name");
    }

    [Fact]
    public async Task A_broker_that_speaks_no_TLS_is_found()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = External(broker.Port, ("Mqtt:Tls", "true"));

        await FailsAsync(rig, "TLS");
    }

    [Fact]
    public async Task A_certificate_of_nobody_known_is_found()
    {
        using var folder = new TempFolder();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
        await using var broker = await MosquittoBroker.StartAsync(new MosquittoSettings
        {
            Lines =
            [
                $"certfile {folder.Write("own.pem", certificate.ExportCertificatePem())}",
                $"keyfile {folder.Write("own.key", key.ExportPkcs8PrivateKeyPem())}",
            ],
        });
        await using var rig = External(broker.Port, ("Mqtt:Tls", "true"));

        await FailsAsync(rig, "is not trusted");
    }

    [Fact]
    public async Task A_topic_that_may_not_be_published_is_found()
    {
        await using var broker = await MosquittoBroker.StartAsync(_withAccount with { Acl = Reading });
        await using var rig = External(broker.Port, Right);

        await FailsAsync(rig, "may not be published: NotAuthorized (0x87)");
    }

    [Fact]
    public async Task A_filter_that_may_not_be_subscribed_to_is_found()
    {
        using var broker = new ScriptedBroker();
        await using var rig = External(broker.Port, ("Notify:Mqtt", "false"));
        var doctor = DoctorAsync(rig);
        // The first connection only tries the port.
        await Assert.ThrowsAnyAsync<Exception>(() => broker.AcceptAsync());
        using var link = await broker.AcceptAsync(suback: 0x87);

        var told = await doctor;

        Assert.Equal(78, told.Code);
        Assert.Contains("may not be subscribed to: NotAuthorized (0x87)", Assert.Single(told.Bad),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ports_that_others_use_are_found()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = WorkerRig.Make(("Broker:Port", $"{broker.Port}"));

        await FailsAsync(rig, $"Port {broker.Port} of the embedded broker is in use");
    }

    [Fact]
    public async Task A_worker_that_stands_still_is_found()
    {
        await using var rig = await WorkerRig.StartAsync();
        rig.Process.Send(Signal.Stop);

        var told = await DoctorAsync(rig);
        rig.Process.Send(Signal.Continue);

        Assert.Equal(78, told.Code);
        Assert.Contains(told.Bad, line => line.Contains("does not answer", StringComparison.Ordinal));
        Assert.Equal(0, await rig.Worker.StopAsync());
    }

    [Fact]
    public async Task Starting_workers_are_never_disturbed()
    {
        await using var rig = await WorkerRig.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(0, await rig.Worker.StopAsync());
            var doctors = Enumerable.Range(0, 3).Select(_ => DoctorAsync(rig)).ToList();
            await rig.StartAgainAsync();
            await Task.WhenAll(doctors);
            Assert.False(rig.Process.HasExited);
        }
    }

    static (string, string)[] Right => [("Mqtt:User", "spasmstream"), ("Mqtt:Password", "right")];

    static WorkerRig External(int port, params (string Key, string Value)[] settings) =>
        WorkerRig.Make([("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{port}"), .. settings]);

    static async Task FailsAsync(WorkerRig rig, string says)
    {
        var told = await DoctorAsync(rig);

        Assert.Equal(78, told.Code);
        Assert.Contains(says, Assert.Single(told.Bad), StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Folder));
    }

    static async Task<Told> DoctorAsync(WorkerRig rig)
    {
        await using var doctor = rig.StartVerb("doctor", "--json");
        var code = await doctor.Process.ExitAsync();
        var line = doctor.Process.Output.Split('\n').First(it => it.StartsWith('{'));
        using var json = JsonDocument.Parse(line);
        var bad = json.RootElement.GetProperty("findings").EnumerateArray()
            .Where(it => it.GetProperty("state").GetString() != "ok")
            .Select(it => $"{it.GetProperty("state")} {it.GetProperty("area")}: {it.GetProperty("seen")}")
            .ToList();
        return new Told(code, bad, doctor.Process.Output);
    }

    static string[] Trace(WorkerRig rig) =>
        [.. Directory.EnumerateFiles(rig.Folder).Order(StringComparer.Ordinal)
            .Select(it => it + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(it))))];

    sealed record Told(int Code, List<string> Bad, string Text);
}
