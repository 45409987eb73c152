using Microsoft.Extensions.Configuration;
using SpasmStream.Tests.Hosting;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Notify;

public sealed class WebhookSettingsTests
{
    const string Secret = "sixteen or more characters";

    [Theory]
    [InlineData("Url", "https://10.0.0.1/", "Notify:Webhooks:0:Url")]
    [InlineData("Url", "http://hooks.example.org/", "Notify:Webhooks:0:Url")]
    [InlineData("Url", "", "Notify:Webhooks:0:Url")]
    [InlineData("Name", "mqtt", "Notify:Webhooks:0:Name")]
    [InlineData("Name", "Anna's", "Notify:Webhooks:0:Name")]
    [InlineData("Name", "", "Notify:Webhooks:0:Name")]
    [InlineData("Secret", "too short", "Notify:Webhooks:0:Secret")]
    [InlineData("Secret", "", "Notify:Webhooks:0:Secret")]
    [InlineData("SecretFile", "secret.txt", "Notify:Webhooks:0:SecretFile")]
    [InlineData("AllowedHosts:0", "http://nas.lan/", "Notify:Webhooks:0:AllowedHosts")]
    [InlineData("Wearers:0", "An Na", "Notify:Webhooks:0:Wearers")]
    [InlineData("Wearers:0", "eve", "Notify:Webhooks:0:Wearers")]
    [InlineData("IncludeDetail", "true", "Notify:Webhooks:0:IncludeDetail")]
    public void B46_A_fault_of_a_webhook_begins_with_its_key(string key, string value, string named)
    {
        var faults = Faults(("Url", "https://hooks.example.org/"), ("Secret", Secret), (key, value));

        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.StartsWith(named, fault, StringComparison.Ordinal));
    }

    [Fact]
    public void B46_Two_webhooks_of_one_name_are_a_fault() => Assert.Contains("twice", Assert.Single(Faults(
        ("Url", "https://hooks.example.org/"), ("Secret", Secret),
        ("1:Url", "https://other.example.org/"), ("1:Secret", Secret))), StringComparison.Ordinal);

    [Fact]
    public void B46_A_good_webhook_has_no_fault() => Assert.Empty(Faults(
        ("Url", "http://192.168.1.20:8123/hook?x=1"), ("Secret", Secret), ("AllowedHosts:0", "192.168.1.20"),
        ("Wearers:0", "ada"), ("Name", "home")));

    [Fact]
    public void S12_A_secret_may_come_from_a_file_which_ends_in_a_line()
    {
        using var folder = new TempFolder();
        var options = new Worker.Notify.WebhookOptions
        {
            Url = "https://hooks.example.org/",
            SecretFile = folder.Write("secret", Secret + "\n"),
        };

        Assert.Empty(options.Faults());
        Assert.Equal(Secret, System.Text.Encoding.UTF8.GetString(options.ReadSecret()));
        options.Secret = Secret;
        Assert.StartsWith("SecretFile", Assert.Single(options.Faults()), StringComparison.Ordinal);
    }

    [Fact]
    public void S12_No_fault_repeats_a_secret_or_an_address() => Assert.DoesNotContain("hunter2",
        string.Join(' ', Faults(("Url", "http://x.example/?token=hunter2"), ("Secret", "hunter2"))),
        StringComparison.Ordinal);

    static IReadOnlyList<string> Faults(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = new() { ["Wearers:0:Id"] = "ada" };
        foreach (var (key, value) in settings)
            all[$"Notify:Webhooks:{(char.IsDigit(key[0]) ? key : "0:" + key)}"] = value;
        return SettingsCheck.Faults(new ConfigurationBuilder().AddInMemoryCollection(all).Build());
    }
}
