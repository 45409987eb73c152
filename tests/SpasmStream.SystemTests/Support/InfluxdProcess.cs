using System.Text.Json;
using Dapper;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>How an influxd of a test differs from the defaults.</summary>
sealed record InfluxdSettings
{
    /// <summary>Whether it asks for accounts; there is an administrator "root" then.</summary>
    public bool Auth { get; init; }

    /// <summary>The most bytes of a request.</summary>
    public int BodyMost { get; init; } = 25_000_000;
}

/// <summary>A real influxd with its own ports and folder, killed by its own process id.</summary>
sealed class InfluxdProcess : IAsyncDisposable
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    readonly TempFolder _folder = new();
    readonly string _program = Servers.Require("influxd");
    readonly InfluxdSettings _settings;
    RunningProcess? _process;

    InfluxdProcess(InfluxdSettings settings) => _settings = settings;

    public int Port { get; } = FreePort.Next();

    public string Url => $"http://127.0.0.1:{Port}";

    public RunningProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public static async Task<InfluxdProcess> StartAsync(InfluxdSettings? settings = null)
    {
        var influxd = new InfluxdProcess(settings ?? new());
        try
        {
            await influxd.StartAgainAsync();
            if (influxd._settings.Auth)
                await influxd.AskAsync(
                    "CREATE USER root WITH PASSWORD 'r' WITH ALL PRIVILEGES", login: false);
            return influxd;
        }
        catch
        {
            await influxd.DisposeAsync();
            throw;
        }
    }

    public InfluxOptions Options => new() { Url = Url, Database = "t" };

    /// <summary>kill -9, and gone.</summary>
    public async Task KillAsync()
    {
        Process.Send(Signal.Kill);
        await Process.ExitAsync();
    }

    /// <summary>Starts with the same port and folder, and waits until it answers.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Write("influxd.conf", Configuration());
        _process = new(_program, ["run", "-config", _folder.At("influxd.conf")], _folder.Path);
        await _process.WaitUntilAsync(AnswersAsync, $"answering on {Port}");
    }

    /// <summary>Asks as the administrator; the values of the first series, row by row.</summary>
    public async Task<List<JsonElement[]>> AskAsync(string q, string database = "t", bool login = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Url}/query");
        request.Content = new FormUrlEncodedContent([new("db", database), new("epoch", "ms"), new("q", q)]);
        if (_settings.Auth && login)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String("root:r"u8));
        using var answer = await _http.SendAsync(request);
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var text = json.RootElement.GetRawText();
        Assert.False(text.Contains("\"error\"", StringComparison.Ordinal), text);
        return [.. json.RootElement.GetProperty("results").EnumerateArray()
            .Where(result => result.TryGetProperty("series", out _))
            .SelectMany(result => result.GetProperty("series").EnumerateArray())
            .Where(series => series.TryGetProperty("values", out _))
            .SelectMany(series => series.GetProperty("values").EnumerateArray())
            .Select(row => row.EnumerateArray().Select(cell => cell.Clone()).ToArray())];
    }

    /// <summary>The one number that a question is answered with; 0 when there is nothing.</summary>
    public async Task<double> NumberAsync(string q) =>
        await AskAsync(q) is [var row, ..] ? row[1].GetDouble() : 0;

    /// <summary>
    /// Whether it holds the heart rates of a store: each once, with its value, and no other.
    /// </summary>
    public async Task AssertHoldsAsync(StoreFile store)
    {
        using var reader = store.OpenReader();
        var kept = reader.Query<(string Device, long T, double Value)>(
            "SELECT device, t, value FROM sample JOIN series ON series.id=sample.series").Order().ToList();
        var here = (await AskAsync("SELECT device, value FROM heart_rate"))
            .Select(row => (row[1].GetString()!, row[0].GetInt64(), row[2].GetDouble())).Order().ToList();
        Assert.NotEmpty(kept);
        Assert.Equal(kept, here);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    string Configuration() => $"""
        reporting-enabled = false
        bind-address = "127.0.0.1:{FreePort.Next()}"
        [meta]
          dir = "{_folder.At("meta")}"
        [data]
          dir = "{_folder.At("data")}"
          wal-dir = "{_folder.At("wal")}"
          query-log-enabled = false
        [monitor]
          store-enabled = false
        [http]
          bind-address = "127.0.0.1:{Port}"
          auth-enabled = {(_settings.Auth ? "true" : "false")}
          max-body-size = {_settings.BodyMost}
          log-enabled = false
        [ifql]
          enabled = false
        """;

    async Task<bool> AnswersAsync(CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync($"{Url}/ping", stop);
            return answer.IsSuccessStatusCode && FreePort.IsOwnedBy(Process.Id, Port);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
