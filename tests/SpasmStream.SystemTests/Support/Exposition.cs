using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace SpasmStream.SystemTests.Support;

/// <summary>What /metrics said, read line by line as Prometheus does.</summary>
sealed partial class Exposition
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    readonly Dictionary<string, double> _values = [];
    readonly HashSet<string> _types = [];

    Exposition(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                _types.Add(line.Split(' ')[2]);
            else if (line[0] != '#')
                Read(line);
    }

    public string Text { get; }

    public IReadOnlyDictionary<string, double> All => _values;

    public double this[string series] => _values[series];

    [GeneratedRegex("""^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (\S+)( \d+)?$""")]
    private static partial Regex Sample { get; }

    [GeneratedRegex("(_bucket|_sum|_count|_total|_info)$")]
    private static partial Regex Suffix { get; }

    public static async Task<Exposition> ReadAsync(Uri page, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(page, "/metrics"));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        return new(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Of all series of a metric, whatever their labels.</summary>
    public double Sum(string metric) => _values.Where(it => it.Key == metric
        || it.Key.StartsWith(metric + "{", StringComparison.Ordinal)).Sum(it => it.Value);

    public double Counter(string name) => _values[$"spasmstream_{name}_total"];

    public double Counters(params string[] names) => names.Sum(Counter);

    void Read(string line)
    {
        var sample = Sample.Match(line);
        Assert.True(sample.Success, $"Prometheus does not read this line: {line}");
        var name = sample.Groups[1].Value;
        Assert.True(
            _types.Contains(name) || _types.Contains(Suffix.Replace(name, "")), $"{name} has no type.");
        _values.Add(name + (sample.Groups[2].Value is "{}" ? "" : sample.Groups[2].Value),
            double.Parse(sample.Groups[5].Value, NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}
