using System.Collections;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Hosting;

/// <summary>The sample configuration says every setting, each with the value it has anyway.</summary>
public sealed partial class SampleConfigurationTests : IDisposable
{
    static readonly string _sample = Repository.At("deploy/spasmstream.sample.json");

    readonly TempFolder _folder = new();

    [GeneratedRegex("^( *)//(?=[^ ])", RegexOptions.Multiline)]
    private static partial Regex Example { get; }

    [Fact]
    public void Every_setting_is_in_the_sample_with_its_default()
    {
        var (settings, configuration) = Settings.Load(_sample);

        Assert.Empty(Differences(settings, new Settings(), configuration, ""));
    }

    [Fact]
    public void A_setting_that_is_missing_or_other_is_seen()
    {
        var text = File.ReadAllText(_sample)
            .Replace("\"Tls\": false,", "", StringComparison.Ordinal)
            .Replace("\"DeadLetterDays\": 30", "\"DeadLetterDays\": 31", StringComparison.Ordinal);
        var (settings, configuration) = Settings.Load(_folder.Write("other.json", text));

        Assert.Equal(["Mqtt:Tls: missing", "Store:DeadLetterDays: 31 is not 30"],
            Differences(settings, new Settings(), configuration, ""));
    }

    [Fact]
    public void The_examples_load_and_show_every_setting_of_a_wearer_and_an_account()
    {
        var text = Example.Replace(File.ReadAllText(_sample), "$1");
        var (settings, configuration) = Settings.Load(_folder.Write("examples.json", text));

        Assert.Equal("anna", Assert.Single(settings.Wearers).Id);
        Assert.Equal("anna", Assert.Single(settings.Broker.Accounts).User);
        Assert.Equal(Names(typeof(WearerOptions)), Keys(configuration, "Wearers:0"));
        Assert.Equal(Names(typeof(MoveOptions)), Keys(configuration, "Wearers:0:Moves:0"));
        Assert.Equal(Names(typeof(BrokerAccount)), Keys(configuration, "Broker:Accounts:0"));
        Assert.Equal(Names(typeof(WebhookOptions)), Keys(configuration, "Notify:Webhooks:0"));
    }

    [Fact]
    public void Each_setting_has_its_comment_line()
    {
        var lines = File.ReadAllLines(_sample);

        Assert.All(Enumerable.Range(0, lines.Length).Where(i => lines[i].TrimStart(' ', '/').StartsWith('"')),
            i => Assert.StartsWith("// ", lines[i - 1].TrimStart(), StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    static IEnumerable<string> Differences(object actual, object expected, IConfiguration file, string path)
    {
        foreach (var property in actual.GetType().GetProperties())
        {
            var key = path + property.Name;
            var (one, other) = (property.GetValue(actual), property.GetValue(expected));
            if (property.PropertyType.Namespace!.StartsWith("SpasmStream", StringComparison.Ordinal))
                foreach (var difference in Differences(one!, other!, file, key + ":"))
                    yield return difference;
            else if (one is IEnumerable and not string || property.CanWrite)
            {
                var section = path.Length == 0 ? file : file.GetSection(path.TrimEnd(':'));
                if (section.GetChildren().All(child => child.Key != property.Name))
                    yield return $"{key}: missing";
                else if (one is IEnumerable values and not string)
                    Assert.Empty(values);
                else if (!Equals(one, other))
                    yield return $"{key}: {one} is not {other}";
            }
        }
    }

    static IEnumerable<string> Names(Type type) => type.GetProperties().Select(p => p.Name).Order();

    static IEnumerable<string> Keys(IConfiguration configuration, string path) =>
        configuration.GetSection(path).GetChildren().Select(child => child.Key).Order();
}
