using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

/// <summary>What is wrong with a configuration is said once, in a line that begins with its key.</summary>
[Collection(nameof(SettingsTests))]
[CollectionDefinition(nameof(SettingsTests), DisableParallelization = true)]
public sealed class SettingsTests : IDisposable
{
    const string Anna = "{ \"Id\": \"anna\", \"Zone\": \"Europe/Berlin\" }";

    readonly TempFolder _folder = new();

    [Theory]
    [InlineData("""{ "Stor": {} , "Store": { "Directory": "x", "Dir": "y" } }""", "Store:Dir")]
    [InlineData("""{ "Store": { "DeadLetterDays": "many" } }""", "Store:DeadLetterDays")]
    [InlineData("""{ "Store": { "DeadLetterDays": 0 } }""", "Store:DeadLetterDays")]
    [InlineData("""{ "Store": { "DeadLetterDays": "" } }""", "Store:DeadLetterDays")]
    [InlineData("""{ "Store": { "DeadLetterDays": null } }""", "Store:DeadLetterDays")]
    [InlineData("""{ "Store": "data" }""", "Store")]
    [InlineData("""{ "Store": { "Directory": [ "a", "b" ] } }""", "Store:Directory")]
    [InlineData("""{ "Store": { "Directory": "a\u0000b" } }""", "Store:Directory")]
    [InlineData("""{ "Broker": { "Port": 99999 } }""", "Broker:Port")]
    [InlineData("""{ "Intake": { "UnknownWearers": "perhaps" } }""", "Intake:UnknownWearers")]
    [InlineData("""{ "Web": { "Url": "http://0.0.0.0:80" } }""", "Web:Url")]
    [InlineData("""{ "Wearers": "anna" }""", "Wearers")]
    [InlineData("""{ "Wearers": [ { "Id": "Anna B" } ] }""", "Wearers:0:Id")]
    [InlineData($$"""{ "Wearers": [ {{Anna}}, {{Anna}} ] }""", "Wearers:1:Id")]
    [InlineData("""{ "Wearers": [ { "Id": "anna", "Zone": "Europe/Bonn" } ] }""", "Wearers:0:Zone")]
    [InlineData("""{ "Wearers": [ { "Id": "anna", "AlertMode": "Loud" } ] }""", "Wearers:0:AlertMode")]
    [InlineData("""{ "Wearers": [ { "Id": "anna", "AlertMode": 77 } ] }""", "Wearers:0:AlertMode")]
    [InlineData("""{ "Mqtt": { "Host": "far.example" }, "Intake": { "Replay": true } }""", "Intake:Replay")]
    [InlineData("""{ "Broker": { "Accounts": [ { "User": "anna" } ] } }""", "Broker:Accounts:0:Password")]
    [InlineData(
        """{ "Broker": { "Accounts": [ { "User": "a", "Password": "b", "Wearers": [ "eve" ] } ] } }""",
        "Broker:Accounts:0:Wearers")]
    public void B46_a_fault_is_one_line_that_begins_with_its_key(string json, string key)
    {
        var fault = Assert.Throws<SetupException>(() => Load(json));

        var line = Assert.Single(fault.Message.Split(Environment.NewLine),
            l => l.StartsWith(key, StringComparison.Ordinal) && l[key.Length] is ':' or ' ');
        Assert.True(line.Length > key.Length + 10, line);
    }

    [Fact]
    public void B46_several_faults_are_several_lines()
    {
        var fault = Assert.Throws<SetupException>(() => Load("""
            { "Stor": 1, "Broker": { "Port": "x" }, "Web": { "Enabled": "perhaps" } }
            """));

        Assert.Equal(["Broker:Port", "Stor", "Web:Enabled"],
            fault.Message.Split(Environment.NewLine)
                .Select(line => line[..line.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void The_environment_wins_over_the_file()
    {
        const string name = "SPASMSTREAM_Store__Directory";
        Environment.SetEnvironmentVariable(name, "from-the-environment");
        try
        {
            Assert.Equal("from-the-environment",
                Load("""{ "Store": { "Directory": "from-the-file" } }""").Store.Directory);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        Assert.Equal("from-the-file",
            Load("""{ "Store": { "Directory": "from-the-file" } }""").Store.Directory);
    }

    [Theory]
    [InlineData("{ \"Store\": ", "cannot be read")]
    [InlineData("{ \"Store\": {}, \"Store\": { \"Directory\": \"a\" }, \"store\": {} } }", "cannot be read")]
    [InlineData("[ 1, 2 ]", "cannot be read")]
    [InlineData("{ \"Store\": \0 }", "NUL")]
    public Task B47_what_is_no_configuration_is_one_sentence(string text, string says) => Refused(text, says);

    [Fact]
    public Task B47_ten_mebibytes_are_refused_unread() => Refused(new string(' ', 10 << 20) + "{}", "1 MiB");

    [Fact]
    public Task B47_deep_nesting_is_refused() =>
        Refused(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), "cannot be read");

    [Fact]
    public async Task A_file_that_is_not_there_is_said() =>
        Assert.Contains("does not exist", await Said(_folder.At("none.json")));

    [Fact]
    public void Where_no_file_is_named_none_is_read()
    {
        var before = Environment.CurrentDirectory;
        Environment.CurrentDirectory =
            Path.GetDirectoryName(_folder.Write("none", """{ "Store": { "Directory": "of-none" } }"""))!;
        try
        {
            Assert.NotEqual("of-none", Settings.Load(null).Settings.Store.Directory);
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    public void Dispose() => _folder.Dispose();

    Settings Load(string json) => Settings.Load(_folder.Write("spasmstream.json", json)).Settings;

    async Task Refused(string text, string says)
    {
        var file = _folder.Write("spasmstream.json", text);

        var said = await Said(file);

        Assert.Contains(says, said, StringComparison.Ordinal);
        Assert.Contains(file, said, StringComparison.Ordinal);
    }

    // Standard error belongs to the process: no other test may run meanwhile.
    static async Task<string> Said(string file)
    {
        var (before, said) = (Console.Error, new StringWriter());
        Console.SetError(said);
        try
        {
            Assert.Equal(78, await CommandLine.GuardAsync(() =>
                Task.FromResult(Settings.Load(file).Settings.Wearers.Count)));
        }
        finally
        {
            Console.SetError(before);
        }

        return Assert.Single(said.ToString().TrimEnd().Split(Environment.NewLine));
    }
}
