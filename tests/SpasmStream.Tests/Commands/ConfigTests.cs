using SpasmStream.Tests.Hosting;

namespace SpasmStream.Tests.Commands;

[Collection(nameof(SettingsTests))]
public sealed class ConfigTests : IDisposable
{
    static readonly string[] _planted =
        ["planted-one", "planted-two", "planted-three", "planted-four", "planted-five", "planted-six"];

    readonly TempFolder _folder = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void S12_Planted_secrets_are_nowhere_in_what_is_shown(bool json)
    {
        var file = _folder.Write("settings.json", $$"""
            {
              "Mqtt": { "Host": "broker.example", "User": "us", "Password": "{{_planted[0]}}" },
              "Broker": { "Accounts": [ { "User": "a", "Password": "{{_planted[1]}}" },
                { "User": "b", "Password": "{{_planted[2]}}" } ] },
              "Web": { "Url": "http://me:{{_planted[3]}}@127.0.0.1:8080/?token={{_planted[4]}}" }
            }
            """);
        using var _ = new Variable("SPASMSTREAM_Broker__Accounts__1__Password", _planted[5]);

        var said = Cli.Run(["config", "show", "--config", file, .. json ? (string[])["--json"] : []]);

        Assert.Equal(0, said.Code);
        Assert.All(_planted, secret => Assert.DoesNotContain(secret, said.All, StringComparison.Ordinal));
        Assert.Contains("(hidden)", said.Out, StringComparison.Ordinal);
        Assert.Contains("broker.example", said.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_setting_is_shown_with_where_it_was_said()
    {
        var file = _folder.Write("mine.json", """
            { "Store": { "DeadLetterDays": 7, "DeadLetterMebibytes": 8 }, "Wearers": [ { "Id": "anna" } ] }
            """);
        using var _ = new Variable("SPASMSTREAM_Store__DeadLetterDays", "9");

        var shown = Cli.Run("config", "show", "--config", file, "--json").Json.GetProperty("settings")
            .EnumerateArray().ToDictionary(it => it.GetProperty("key").GetString()!,
                it => (it.GetProperty("value").GetString(), it.GetProperty("from").GetString()));

        Assert.Equal(("9", "environment"), shown["Store:DeadLetterDays"]);
        Assert.Equal(("8", "mine.json"), shown["Store:DeadLetterMebibytes"]);
        Assert.Equal(("data", "default"), shown["Store:Directory"]);
        Assert.Equal(("anna", "mine.json"), shown["Wearers:0:Id"]);
        Assert.Equal(("(none)", "default"), shown["Wearers:0:Zone"]);
        Assert.Equal(("(none)", "default"), shown["Mqtt:Password"]);
        Assert.Equal(("Information", "appsettings.json"), shown["Logging:LogLevel:Default"]);
    }

    [Theory]
    [InlineData("""{ "Mqtt": { "Hsot": "x" } }""", "Mqtt:Hsot")]
    [InlineData("""{ "Mqtt": { "Port": "many" } }""", "Mqtt:Port")]
    [InlineData("""{ "Web": { "Url": "http://0.0.0.0:80" } }""", "Web:Url")]
    [InlineData("""{ "Wearers": [ { "Id": "a" }, { "Id": "a" } ] }""", "Wearers:1:Id")]
    [InlineData("""{ "Broker": { "Accounts": [ { "User": "a" } ] } }""", "Broker:Accounts:0:Password")]
    [InlineData("""{ "Mqtt": { "Host": "h", "User": "u" } }""", "Mqtt:Password")]
    [InlineData("""{ "Mqtt": { "Host": "h", "Password": "planted-one" } }""", "Mqtt:User")]
    [InlineData("""{ "Mqtt": { "Host": "h", "Filters": [ "#" ] } }""", "Mqtt:Filters:0")]
    [InlineData("""{ "Mqtt": { "Host": "h", "Filters": [ "spasmstream/+/out/anna/risk" ] } }""",
        "Mqtt:Filters:0")]
    [InlineData("""{ "Mqtt": { "Host": "h", "Filters": [ "a/#/b" ] } }""", "Mqtt:Filters:0")]
    [InlineData("""{ "Store": { "Directory": "a\u0000b" } }""", "Store:Directory")]
    [InlineData("{ \"Store\": ", null)]
    [InlineData("{ \0 }", null)]
    public void B46_A_check_names_the_key_and_leaves_nothing_behind(string text, string? key)
    {
        var file = _folder.Write("settings.json", text);
        using var _ = new Variable("SPASMSTREAM_Store__Directory",
            text.Contains("Store", StringComparison.Ordinal) ? null : _folder.At("data"));

        var said = Cli.Run("check-config", "--config", file, "--json");
        var plain = Cli.Run("check-config", "--config", file);

        Assert.Equal((78, 78), (said.Code, plain.Code));
        Assert.False(said.Json.GetProperty("ok").GetBoolean());
        var fault = Assert.Single(said.Json.GetProperty("faults").EnumerateArray());
        Assert.Equal(key, fault.TryGetProperty("key", out var named) ? named.GetString() : null);
        Assert.NotEmpty(fault.GetProperty("message").GetString()!);
        Assert.StartsWith(key ?? "The configuration", plain.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", said.All + plain.All, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.At("data")));
    }

    [Fact]
    public void S12_Bad_JSON_is_told_by_line_and_byte_without_what_stands_there()
    {
        var said = Cli.Run("check-config", "--config",
            _folder.Write("settings.json", "{\n  \"Mqtt\": { \"Password\": planted-one }\n}"));

        Assert.Equal(78, said.Code);
        Assert.Contains("line 2, byte ", said.Error, StringComparison.Ordinal);
        Assert.Contains("settings.json", said.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("'p'", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void S12_Of_an_address_only_its_scheme_and_host_are_shown()
    {
        var file = _folder.Write("settings.json", """
            { "Notify": { "Webhooks": [ { "Url": "https://hooks.example.org:8443/planted-one?x=planted-two",
              "Secret": "planted-three-and-more" } ] }, "Web": { "Url": "http://127.0.0.1:8080" } }
            """);

        var said = Cli.Run("config", "show", "--config", file, "--json");

        Assert.Contains("\"https://hooks.example.org:8443/(hidden)\"", said.Out, StringComparison.Ordinal);
        Assert.Contains("\"http://127.0.0.1:8080\"", said.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", said.All, StringComparison.Ordinal);
    }

    [Fact]
    public void B46_The_wearers_added_by_command_are_checked_and_counted()
    {
        using var _ = new Variable("SPASMSTREAM_Store__Directory", _folder.Path);
        var good = _folder.Write("good.json", """{ "Wearers": [ { "Id": "ada" } ] }""");
        _folder.Write("wearers.json", """{"Format":"spasmstream-wearers-1","Wearers":[{"Id":"carl"}]}""");
        Assert.Contains("2 wearers", Cli.Run("check-config", "--config", good).Out, StringComparison.Ordinal);

        _folder.Write("wearers.json", """{"Format":"spasmstream-wearers-1","Wearers":[{"Id":"Carl!"}]}""");
        var said = Cli.Run("check-config", "--config", good);

        Assert.Equal(78, said.Code);
        Assert.Contains("wearers.json", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void B47_Ten_mebibytes_and_deep_nesting_are_faults_like_any_other()
    {
        foreach (var text in new[]
        {
            new string(' ', 10 << 20) + "{}", string.Concat(Enumerable.Repeat("{\"a\":", 100_000)),
            "{" + string.Concat(Enumerable.Repeat("\"Store\":{\"Directory\":\"a\"},", 30_000))
                + "\"Web\":{}}",
        })
            Assert.Equal(78, Cli.Run("check-config", "--config", _folder.Write("big.json", text)).Code);
    }

    [Fact]
    public void A_good_configuration_is_said_to_be_good()
    {
        var said = Cli.Run("check-config", "--config", _folder.Write("good.json", "{}"), "--json");

        Assert.Equal(0, said.Code);
        Assert.True(said.Json.GetProperty("ok").GetBoolean());
        Assert.Empty(said.Json.GetProperty("faults").EnumerateArray());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A variable of the environment, gone with the test.</summary>
    sealed class Variable : IDisposable
    {
        readonly string _name;

        public Variable(string name, string? value)
        {
            _name = name;
            Environment.SetEnvironmentVariable(name, value);
        }

        public void Dispose() => Environment.SetEnvironmentVariable(_name, null);
    }
}
