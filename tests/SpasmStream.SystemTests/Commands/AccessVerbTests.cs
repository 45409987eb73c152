using System.Text.Json;
using SpasmStream.Core.Signals;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Commands;

/// <summary>The verbs <c>wearers</c> and <c>devices</c>, as somebody types them.</summary>
public sealed class AccessVerbTests : IDisposable
{
    readonly TempFolder _folder = new();

    string Data => _folder.At("data");

    [Fact]
    public async Task Devices_are_added_listed_renewed_and_revoked_and_no_file_holds_a_password()
    {
        await OkAsync("wearers", "add", "anna", "--zone", "Europe/Berlin");

        var added = await JsonAsync("devices", "add", "anna", "watch");
        var phone = await JsonAsync("devices", "add", "anna", "phone", "--diary");
        var gateway = await JsonAsync("devices", "add", "all", "hub", "--gateway");
        Assert.Equal("anna-watch", Text(added, "user"));
        Assert.Equal("anna-watch", Text(added, "client_id"));
        Assert.Contains("spasmstream/v1/in/anna/diary/episode", $"{phone.GetProperty("publish")}",
            StringComparison.Ordinal);
        Assert.DoesNotContain("diary", $"{added.GetProperty("publish")}", StringComparison.Ordinal);
        Assert.Equal("gateway-hub", Text(gateway, "user"));
        Assert.Equal(78, await RunAsync("devices", "add", "anna", "watch"));
        Assert.Equal(78, await RunAsync("devices", "add", "ben", "watch"));
        Assert.Equal(78, await RunAsync("devices", "add", "anna", "Watch/#"));

        var renewed = await JsonAsync("devices", "rotate", "anna-watch");
        Assert.NotEqual(Text(added, "password"), Text(renewed, "password"));
        Assert.Equal("anna-phone", Text(await JsonAsync("devices", "revoke", "anna-phone"), "user"));
        Assert.Equal(78, await RunAsync("devices", "revoke", "anna-phone"));
        Assert.Equal(78, await RunAsync("devices", "rotate", "nobody"));
        var again = await JsonAsync("devices", "add", "anna", "phone");
        Assert.Equal("anna-phone-2", Text(again, "user"));

        Assert.Equal(["anna-phone revoked", "anna-phone-2 added", "anna-watch added", "gateway-hub added"],
            (await JsonAsync("devices", "list")).GetProperty("devices").EnumerateArray()
                .Select(line => $"{Text(line, "user")} {Text(line, "state")}").Order());
        NothingIsOpen(added, phone, gateway, renewed, again);
        Assert.Equal(7, new SecurityLog(Data).Read().Count(it => it.Actor == "operator"));
    }

    [Fact]
    public async Task A_code_is_drawn_and_its_picture_is_for_its_owner_only()
    {
        await OkAsync("wearers", "add", "anna");
        var picture = _folder.At("code.png");

        var text = await OkAsync("devices", "add", "anna", "watch", "--qr", "--png", picture,
            "--host", "broker.home");

        Assert.Contains("█▄▄▄▄▄█", text.Replace(" ▄▄▄▄▄ ", "█▄▄▄▄▄█", StringComparison.Ordinal),
            StringComparison.Ordinal);
        Assert.Contains("@broker.home:1883?client_id=anna-watch", text, StringComparison.Ordinal);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], (await File.ReadAllBytesAsync(
            picture, TestContext.Current.CancellationToken))[..4]);
        IsForItsOwner(picture);
        Assert.Contains("spasmstream/v1/in/anna/watch/raw2a37", text, StringComparison.Ordinal);
        // A picture that is there is not written over, and no account is made for it.
        Assert.Equal(64, await RunAsync("devices", "add", "anna", "strap", "--png", picture));
        Assert.DoesNotContain("strap", await OkAsync("devices", "list"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_an_external_broker_its_lines_are_printed_and_nothing_is_stored()
    {
        await OkAsync("wearers", "add", "anna");

        var text = await OkAsync([("Mqtt__Host", "broker.lan")], "devices", "add", "anna", "watch");

        foreach (var line in (string[])["/etc/mosquitto/spasmstream.passwords", "user anna-watch",
            "topic write spasmstream/v1/in/anna/watch/+", "topic read spasmstream/v1/out/anna/#"])
            Assert.Contains(line, text, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Data, "accounts.json")));
    }

    [Fact]
    public async Task A_hash_made_by_the_verb_is_one_the_configuration_takes()
    {
        await using var verb = Start([], "devices", "hash");
        await verb.Process.WriteLineAsync("a long password");
        Assert.Equal(0, await verb.Process.ExitAsync());
        var hash = verb.Process.Output.Trim();
        Assert.StartsWith("pbkdf2-sha256$600000$", hash, StringComparison.Ordinal);

        await using var rig = await BrokerRig.StartAsync(("Broker:Accounts:0:User", "ada"),
            ("Broker:Accounts:0:PasswordHash", hash), ("Broker:Accounts:0:Wearers:0", "ada"));
        using var ada = await RawMqtt.ConnectAsync(rig.Port, "ada", "ada", "a long password");
        using var other = await RawMqtt.OpenAsync(rig.Port);
        Assert.Equal(0x86, await other.SignInAsync("ada:2", "ada", hash));
    }

    [Fact]
    public async Task Wearers_are_added_changed_shown_and_removed()
    {
        await OkAsync("wearers", "add", "anna", "--zone", "Europe/Berlin", "--attacks", "4",
            "--migraine-days", "6", "--sex", "Female", "--birth-year", "1987", "--free-day", "Friday",
            "--quiet-from", "21:30", "--alert-mode", "Promising", "--prefer", "strap",
            "--move", "2026-07-01T10:00:00+02:00=Europe/Lisbon");
        Assert.Equal(78, await RunAsync("wearers", "add", "anna"));
        Assert.Equal(78, await RunAsync("wearers", "add", "Anna"));
        Assert.Equal(78, await RunAsync("wearers", "add", "ben", "--zone", "Europe/Nowhere"));
        Assert.Equal(78, await RunAsync("wearers", "set", "ben", "--attacks", "3"));
        Assert.Equal(78, await RunAsync("wearers", "confirm", "ben"));
        Assert.Equal(64, await RunAsync("wearers", "set", "anna", "--attacks", "many"));
        await OkAsync("wearers", "set", "anna", "--attacks", "5", "--quiet-until", "07:00");

        var profile = (await JsonAsync("wearers", "show", "anna")).GetProperty("profile");
        Assert.Equal(5, profile.GetProperty("attacks_per_month").GetDouble());
        Assert.Equal(("Female", "Promising", "21:30:00", "07:00:00"), (Text(profile, "sex"),
            Text(profile, "alert_mode"), Text(profile, "quiet_from"), Text(profile, "quiet_until")));
        Assert.Equal("Europe/Lisbon", Text(profile.GetProperty("moves")[0], "zone"));
        Assert.Equal("[\"Friday\"]", $"{profile.GetProperty("free_days")}");

        // The configuration wins over the file, and the verb says so.
        (string, string)[] listed = [("Wearers__0__Id", "anna"), ("Wearers__0__Zone", "Asia/Tokyo")];
        Assert.Equal("configured", Text(Listed(await JsonAsync(listed, "wearers", "list"))[0], "state"));
        Assert.Equal(78, await RunAsync(listed, "wearers", "set", "anna", "--attacks", "1"));
        await OkAsync("wearers", "remove", "anna");
        Assert.Equal(78, await RunAsync("wearers", "remove", "anna"));
        Assert.Equal(0, Listed(await JsonAsync("wearers", "list")).GetArrayLength());
        NothingIsOpen();
    }

    [Fact]
    public async Task Somebody_who_came_by_a_message_is_listed_so_and_confirmed_by_command()
    {
        using (var writer = new StoreWriter(
            new StoreFile(Data), new StoreOptions { Directory = Data }, TimeProvider.System))
            await writer.RunAsync(session => session.Names.Wearer(new WearerId("eve"),
                Instant.FromUnixTimeSeconds(1_790_000_000)), TestContext.Current.CancellationToken);

        Assert.Equal("unconfirmed", Text(Listed(await JsonAsync("wearers", "list"))[0], "state"));
        await OkAsync("wearers", "confirm", "eve", "--zone", "Europe/Berlin");
        Assert.Equal("added", Text(Listed(await JsonAsync("wearers", "list"))[0], "state"));
        await OkAsync("check-config");
    }

    public void Dispose() => _folder.Dispose();

    void NothingIsOpen(params JsonElement[] shown)
    {
        foreach (var file in Directory.GetFiles(Data))
        {
            IsForItsOwner(file);
            var content = File.ReadAllText(file);
            Assert.All(shown, it => Assert.DoesNotContain(
                Text(it, "password")!, content, StringComparison.Ordinal));
        }
    }

    static void IsForItsOwner(string file)
    {
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    static JsonElement Listed(JsonElement answer) => answer.GetProperty("wearers");

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    Task<JsonElement> JsonAsync(params string[] arguments) => JsonAsync([], arguments);

    async Task<JsonElement> JsonAsync((string, string)[] settings, params string[] arguments) =>
        JsonDocument.Parse(await OkAsync(settings, [.. arguments, "--json"])).RootElement;

    Task<string> OkAsync(params string[] arguments) => OkAsync([], arguments);

    async Task<string> OkAsync((string, string)[] settings, params string[] arguments)
    {
        await using var verb = Start(settings, arguments);
        Assert.Equal((0, ""), (await verb.Process.ExitAsync(), verb.Process.HasExited ? "" : "running"));
        return verb.Process.Output;
    }

    Task<int> RunAsync(params string[] arguments) => RunAsync([], arguments);

    async Task<int> RunAsync((string, string)[] settings, params string[] arguments)
    {
        await using var verb = Start(settings, arguments);
        return await verb.Process.ExitAsync();
    }

    WorkerProcess Start((string Key, string Value)[] settings, params string[] arguments) =>
        WorkerProcess.Start(_folder.Path, arguments,
            settings.ToDictionary(it => "SPASMSTREAM_" + it.Key, it => it.Value));
}
