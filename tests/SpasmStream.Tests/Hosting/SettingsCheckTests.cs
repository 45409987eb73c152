using Microsoft.Extensions.Configuration;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

public sealed class SettingsCheckTests
{
    [Theory]
    [InlineData("Mqtt:Hsot", "x", "Mqtt:Hsot")]
    [InlineData("Mqt:Host", "x", "Mqt")]
    [InlineData("Mqtt:Port", "many", "Mqtt:Port")]
    [InlineData("Mqtt:Port", "0", "Mqtt:Port")]
    [InlineData("Mqtt:Port", "65536", "Mqtt:Port")]
    [InlineData("Mqtt:Tls", "perhaps", "Mqtt:Tls")]
    [InlineData("Mqtt:ClientId", "", "Mqtt:ClientId")]
    [InlineData("Mqtt:Host:Name", "x", "Mqtt:Host")]
    [InlineData("Intake:UnknownWearers", "maybe", "Intake:UnknownWearers")]
    [InlineData("Intake:HighWaterMessages", "0", "Intake:HighWaterMessages")]
    [InlineData("Store:DeadLetterDays", "0", "Store:DeadLetterDays")]
    [InlineData("Store:Directory", "", "Store:Directory")]
    [InlineData("Wearers:0:Id", "Ada Lovelace", "Wearers:0:Id")]
    [InlineData("Wearers:0:Id", "worker", "Wearers:0:Id")]
    [InlineData("Wearers:0:Zone", "Europe/Nowhere", "Wearers:0")]
    [InlineData("Wearers:0:AlertMode", "Loud", "Wearers:0:AlertMode")]
    [InlineData("Broker:CommitSeconds", "999", "Broker:CommitSeconds")]
    [InlineData("Notify:PollSeconds", "0", "Notify:PollSeconds")]
    [InlineData("Mqtt:Filters", "a", "Mqtt:Filters")]
    [InlineData("Mqtt:Filters:0", "a+b/c", "Mqtt:Filters:0")]
    [InlineData("Mqtt:Filters:0", "$share/group/spasmstream/v1/in/#", "Mqtt:Filters:0")]
    [InlineData("Mqtt:CaFile", "ca.pem", "Mqtt:CaFile")]
    [InlineData("Mqtt:ClientCertificateFile", "us.pem", "Mqtt:ClientCertificateFile")]
    [InlineData("Mqtt:ClientKeyFile", "us.key", "Mqtt:ClientKeyFile")]
    [InlineData("Web:Url", "http://0.0.0.0:8080", "Web:Url")]
    public void B46_Each_fault_is_one_line_that_begins_with_its_key(string key, string value, string named)
    {
        var faults = Faults((key, value));

        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.StartsWith(named, fault, StringComparison.Ordinal));
        Assert.All(faults, fault => Assert.DoesNotContain('\n', fault));
    }

    [Fact]
    public void B46_A_wearer_listed_twice_is_a_fault() => Assert.Contains("twice",
        Assert.Single(Faults(("Wearers:0:Id", "ada"), ("Wearers:1:Id", "ada"))), StringComparison.Ordinal);

    [Fact]
    public void B46_An_account_for_somebody_unknown_is_a_fault() =>
        Assert.StartsWith("Broker:Accounts:0:Wearers",
        Assert.Single(Faults(("Broker:Accounts:0:User", "ada"), ("Broker:Accounts:0:Password", "p"),
            ("Broker:Accounts:0:Wearers:0", "eve"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("worker")]
    [InlineData("a:b")]
    public void B46_A_reserved_or_ambiguous_user_name_is_a_fault(string user) =>
        Assert.StartsWith("Broker:Accounts:0:User",
        Assert.Single(Faults(("Broker:Accounts:0:User", user), ("Broker:Accounts:0:Password", "p"))),
        StringComparison.Ordinal);

    [Fact]
    public void B46_An_account_without_a_password_is_a_fault() =>
        Assert.StartsWith("Broker:Accounts:0:Password",
        Assert.Single(Faults(("Broker:Accounts:0:User", "ada"))), StringComparison.Ordinal);

    [Fact]
    public void B46_An_account_listed_twice_is_a_fault() => Assert.Contains("twice",
        Assert.Single(Faults(("Broker:Accounts:0:User", "a"), ("Broker:Accounts:0:Password", "p"),
            ("Broker:Accounts:1:User", "a"), ("Broker:Accounts:1:Password", "q"))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Broker:Listen", "0.0.0.0", "Broker:Listen")]
    [InlineData("Broker:Listen", "localhost", "Broker:Listen")]
    [InlineData("Broker:ConnectionsMax", "19", "Broker:ConnectionsPerAddress")]
    [InlineData("Broker:BytesPerSecond", "49999", "Broker:BytesPerSecond")]
    [InlineData("Broker:Certificate", "a.pem", "Broker:Certificate")]
    [InlineData("Broker:CertificateKey", "a.key", "Broker:Certificate")]
    [InlineData("Broker:ClientCa", "ca.pem", "Broker:ClientCa")]
    public void S05_Settings_of_TLS_that_do_not_fit_together_are_a_fault(
        string key, string value, string told) =>
        Assert.StartsWith(told, Assert.Single(Faults((key, value))), StringComparison.Ordinal);

    [Theory]
    [InlineData("Password", "p", "PasswordHash", "pbkdf2-sha256$600000$x$y")]
    [InlineData("PasswordHash", "plain", "Gateway", "true")]
    public void S08_An_account_has_a_password_or_a_good_hash(
        string key, string value, string other, string otherValue)
    {
        var faults = Faults(("Broker:Accounts:0:User", "a"), ($"Broker:Accounts:0:{key}", value),
            ($"Broker:Accounts:0:{other}", otherValue));

        Assert.NotEmpty(faults);
        Assert.All(faults,
            fault => Assert.StartsWith("Broker:Accounts:0:Password", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void B46_Replay_from_another_machine_is_a_fault() => Assert.StartsWith("Intake:Replay",
        Assert.Single(Faults(("Intake:Replay", "true"), ("Mqtt:Host", "broker.example"))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("LowWaterMessages", "3000")]
    [InlineData("HighWaterMessages", "10001")]
    [InlineData("HighWaterBytes", "1048576")]
    [InlineData("HardCapBytes", "4194304")]
    public void B46_Water_marks_out_of_order_are_a_fault(string key, string value) =>
        Assert.Contains("Intake:", Assert.Single(Faults(($"Intake:{key}", value))), StringComparison.Ordinal);

    [Fact]
    public void B46_Several_faults_are_several_lines() => Assert.Equal(3,
        Faults(("Mqtt:Hsot", "x"), ("Store:Dir", "y"), ("Mqtt:Port", "many")).Count);

    [Fact]
    public void B46_What_is_not_known_hides_no_other_fault() => Assert.Equal(["Mqtt:Hsot", "Wearers:1:Id"],
        Faults(("Mqtt:Hsot", "x"), ("Wearers:0:Id", "ada"), ("Wearers:1:Id", "ada"))
            .Select(fault => fault.Split(": ")[0]));

    [Fact]
    public void B46_A_zone_of_a_move_is_told_at_its_own_key() => Assert.StartsWith("Wearers:0:Moves:0:Zone:",
        Assert.Single(Faults(("Wearers:0:Id", "ada"), ("Wearers:0:Moves:0:From", "2026-07-01T10:00:00+02:00"),
            ("Wearers:0:Moves:0:Zone", "Europe/Nowhere"))), StringComparison.Ordinal);

    [Fact]
    public void B46_Only_settings_are_offered_where_one_is_not_known() => Assert.DoesNotContain("OwnFile",
        Assert.Single(Faults(("Mqt", "x"))), StringComparison.Ordinal);

    [Fact]
    public void B46_A_channel_may_be_for_a_wearer_added_by_command()
    {
        using var folder = new TempFolder();
        (string, string)[] settings = [("Store:Directory", folder.Path), ("Wearers:0:Id", "ada"),
            ("Notify:Webhooks:0:Url", "https://hooks.example.org/"),
            ("Notify:Webhooks:0:Secret", "a secret of our own"), ("Notify:Webhooks:0:Wearers:0", "carl")];

        Assert.StartsWith("Notify:Webhooks:0:Wearers: ", Assert.Single(Faults(settings)),
            StringComparison.Ordinal);
        new WearerFile(folder.Path).Change(all => all.Add(new WearerOptions { Id = "carl" }));
        Assert.Empty(Faults(settings));
    }

    [Fact]
    public void B46_A_fault_never_repeats_a_password() => Assert.DoesNotContain("hunter2",
        string.Join(' ', Faults(("Mqtt:Password:0", "hunter2"), ("Mqtt:Pasword", "hunter2"))),
            StringComparison.Ordinal);

    [Fact]
    public void A_good_configuration_has_no_fault() => Assert.Empty(Faults(
        ("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", "1884"), ("Wearers:0:Id", "ada"),
            ("Wearers:0:Zone", "Europe/Berlin"),
        ("Wearers:0:AlertMode", "Promising"), ("Wearers:0:QuietFrom", "21:30"),
            ("Wearers:0:FreeDays:0", "Friday"),
        ("Broker:Accounts:0:User", "ada"), ("Broker:Accounts:0:Password", "p"),
        ("Broker:Accounts:0:Wearers:0", "ada"), ("Logging:LogLevel:Default", "Debug")));

    [Fact]
    public void B46_A_file_that_is_missing_or_no_json_is_a_setup_fault()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "{ \"Mqtt\": ");
            Assert.Throws<SetupException>(() => Settings.Load(file));
        }
        finally
        {
            File.Delete(file);
        }

        Assert.Contains("does not exist", Assert.Throws<SetupException>(() => Settings.Load(file)).Message,
            StringComparison.Ordinal);
    }

    static IReadOnlyList<string> Faults(params (string Key, string Value)[] settings) => SettingsCheck.Faults(
        new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(it => KeyValuePair.Create<string, string?>(it.Key, it.Value))).Build());
}
