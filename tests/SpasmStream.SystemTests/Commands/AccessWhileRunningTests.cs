using System.Text.Json;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Commands;

/// <summary>Access given and taken while the worker runs and holds its store.</summary>
public sealed class AccessWhileRunningTests
{
    const string Topic = "spasmstream/v1/in/ada/strap/heart-rate";

    [Fact]
    public async Task S03_A_device_added_while_the_worker_runs_connects_and_publishes_until_it_is_revoked()
    {
        await using var rig = await WorkerRig.StartAsync();
        var shown = JsonDocument.Parse(await OkAsync(rig, "devices", "add", "ada", "strap", "--json"))
            .RootElement;
        string Of(string name) => shown.GetProperty(name).GetString()!;
        var port = shown.GetProperty("port").GetInt32();

        using var strap = await RawMqtt.ConnectAsync(port, Of("client_id"), Of("user"), Of("password"));
        await strap.SendAsync(RawMqtt.Publish(1, Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await strap.ReadPubackAsync());
        // As another device of the same wearer it may not speak.
        await strap.SendAsync(RawMqtt.Publish(2, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(2, 0x87), await strap.ReadPubackAsync());
        var listed = JsonDocument.Parse(await OkAsync(rig, "devices", "list", "--json")).RootElement;
        Assert.Contains(listed.GetProperty("devices").EnumerateArray(),
            line => line.GetProperty("state").GetString() == "added"
            && line.TryGetProperty("last_heard", out _));

        await OkAsync(rig, "devices", "revoke", Of("user"));
        var end = await strap.ReadAsync();
        Assert.Equal((RawMqtt.DisconnectType, 0x87), (end!.Type, end.Body[0]));
        Assert.Null(await strap.ReadAsync());
        using var again = await RawMqtt.OpenAsync(port);
        Assert.Equal(0x86, await again.SignInAsync(Of("client_id"), Of("user"), Of("password")));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        Assert.DoesNotContain(Of("password"), rig.Process.Output, StringComparison.Ordinal);
        Assert.Contains(new SecurityLog(rig.Folder).Read(),
            it => it.Actor == Of("user") && it.Action == "account-changed");
        Assert.Contains(new SecurityLog(rig.Folder).Read(),
            it => it.Actor == Of("user") && it.Action == "login");
    }

    [Fact]
    public async Task S03_An_account_with_a_new_password_is_cut_off_until_it_knows_it()
    {
        await using var rig = await WorkerRig.StartAsync();
        var old = await AddAsync(rig, "devices", "add", "ada", "strap", "--json");
        using var strap = await RawMqtt.ConnectAsync(rig.BrokerPort, old.User, old.User, old.Password);

        var fresh = await AddAsync(rig, "devices", "rotate", old.User, "--json");

        Assert.Equal(RawMqtt.DisconnectType, (await strap.ReadAsync())?.Type);
        using var late = await RawMqtt.OpenAsync(rig.BrokerPort);
        Assert.Equal(0x86, await late.SignInAsync(old.User, old.User, old.Password));
        using var again = await RawMqtt.ConnectAsync(rig.BrokerPort, old.User, old.User, fresh.Password);
    }

    [Fact]
    public async Task A_wearer_added_while_the_worker_runs_is_admitted_within_a_second_and_refused_before()
    {
        await using var rig = await WorkerRig.StartAsync(("Broker:Accounts:2:User", "hub"),
            ("Broker:Accounts:2:Password", "h"), ("Broker:Accounts:2:Gateway", "true"));
        using var hub = await RawMqtt.ConnectAsync(rig.BrokerPort, "hub", "hub", "h");
        const string topic = "spasmstream/v1/in/zoe/watch/heart-rate";
        await hub.SendAsync(RawMqtt.Publish(1, topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0x87), await hub.ReadPubackAsync());
        Assert.Equal("unauthorised", rig.Text("SELECT reason FROM dead_letter"));

        await OkAsync(rig, "wearers", "add", "zoe", "--zone", "Europe/Berlin");
        await rig.UntilAsync("SELECT count(*) FROM wearer WHERE name='zoe' AND confirmed=1", 1);
        await hub.SendAsync(RawMqtt.Publish(2, topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(2, 0), await hub.ReadPubackAsync());

        // The list of the file is there again at the next start.
        await rig.Worker.KillAsync();
        await rig.StartAgainAsync();
        using var later = await RawMqtt.ConnectAsync(rig.BrokerPort, "hub", "hub", "h");
        await later.SendAsync(RawMqtt.Publish(3, topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(3, 0), await later.ReadPubackAsync());
    }

    [Fact]
    public async Task S03_A_device_is_cut_off_by_its_revocation_while_the_disk_keeps_the_writer_waiting()
    {
        await using var rig = await WorkerRig.StartAsync();
        var account = await AddAsync(rig, "devices", "add", "ada", "strap", "--json");
        using var strap = await RawMqtt.ConnectAsync(
            rig.BrokerPort, account.User, account.User, account.Password);
        using (rig.Lock())
        {
            await strap.SendAsync(RawMqtt.Publish(1, Topic, WorkerRig.Bpm(WorkerRig.Now)));
            // A wearer who is added needs the writer, and the loop that looks at accounts goes on.
            await OkAsync(rig, "wearers", "add", "zoe", "--zone", "Europe/Berlin");

            await OkAsync(rig, "devices", "revoke", account.User);

            Assert.Equal(RawMqtt.DisconnectType, (await strap.ReadAsync())?.Type);
            using var again = await RawMqtt.OpenAsync(rig.BrokerPort);
            Assert.Equal(0x86, await again.SignInAsync(account.User, account.User, account.Password));
            Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
        }

        await rig.UntilAsync("SELECT count(*) FROM wearer WHERE name='zoe' AND confirmed=1", 1,
            TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task S22_A_torn_file_of_accounts_is_told_by_health_and_those_known_stay()
    {
        await using var rig = await WorkerRig.StartAsync();
        var account = await AddAsync(rig, "devices", "add", "ada", "strap", "--json");
        using var strap = await RawMqtt.ConnectAsync(
            rig.BrokerPort, account.User, account.User, account.Password);
        var file = Path.Combine(rig.Folder, "accounts.json");
        var whole = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        using var http = new HttpClient();
        Task UntilReadyAsync(bool ready) => rig.Process.WaitUntilAsync(async stop =>
        {
            using var answer = await http.GetAsync(new Uri(rig.Page, "/health/ready"), stop);
            return answer.IsSuccessStatusCode == ready;
        }, $"ready is {ready}");

        await File.WriteAllTextAsync(file, whole[..^9], TestContext.Current.CancellationToken);
        await UntilReadyAsync(false);
        await rig.Process.WaitForLineAsync("accounts.json");
        await strap.SendAsync(RawMqtt.Publish(1, Topic, WorkerRig.Bpm(WorkerRig.Now)));
        Assert.Equal(new Puback(1, 0), await strap.ReadPubackAsync());

        await File.WriteAllTextAsync(file, whole, TestContext.Current.CancellationToken);
        await UntilReadyAsync(true);
    }

    static async Task<(string User, string Password)> AddAsync(WorkerRig rig, params string[] arguments)
    {
        var shown = JsonDocument.Parse(await OkAsync(rig, arguments)).RootElement;
        return (shown.GetProperty("user").GetString()!, shown.GetProperty("password").GetString()!);
    }

    static async Task<string> OkAsync(WorkerRig rig, params string[] arguments)
    {
        await using var verb = rig.StartVerb(arguments);
        Assert.Equal(0, await verb.Process.ExitAsync());
        return verb.Process.Output;
    }
}
