using System.Text.Json;
using System.Text.RegularExpressions;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>The dashboard that is shipped asks InfluxDB only for what is written there.</summary>
public sealed partial class DashboardTests
{
    static readonly string[] _mirrored = ["forecast", "risk_window", "episode", "alert"];

    [GeneratedRegex("FROM \"([a-z_]+)\"")]
    private static partial Regex From { get; }

    [GeneratedRegex("\"(wearer|target|type|device|stat|source|res)\"")]
    private static partial Regex Tag { get; }

    [Fact]
    public void Every_measurement_it_names_is_one_of_ours_and_what_is_mirrored_is_all_shown()
    {
        var written = LineTable.Signals.Values.Append(LineTable.Canary)
            .Concat(LineTable.Mirrored.Values.Select(it => it.Measurement)).ToHashSet();
        var asked = Queries().Select(query => Assert.Single(From.Matches(query)).Groups[1].Value).ToList();

        Assert.All(asked, measurement => Assert.Contains(measurement, written));
        Assert.All(_mirrored, measurement => Assert.Contains(measurement, asked));
    }

    [Fact]
    public void Every_tag_it_names_is_one_that_its_measurement_has()
    {
        foreach (var query in Queries())
        {
            var measurement = From.Match(query).Groups[1].Value;
            string[] tags = LineTable.Mirrored.Values.FirstOrDefault(it => it.Measurement == measurement)
                is { Key: { } key } ? ["wearer", key] : [.. LineTable.Tags];
            Assert.All(Tag.Matches(query), it => Assert.Contains(it.Groups[1].Value, tags));
        }
    }

    static List<string> Queries()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.At("deploy/grafana/wearers.json")));
        return [.. json.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("query").GetString()!)];
    }
}
