using Microsoft.Data.Sqlite;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>A worker with a folder, ports and settings of its own, and its file to be asked.</summary>
sealed class WorkerRig : IAsyncDisposable
{
    public const string Topic = "spasmstream/v1/in/ada/watch/heart-rate";

    readonly TempFolder _folder = new();
    readonly Dictionary<string, string> _settings;
    WorkerProcess? _worker;

    WorkerRig(IEnumerable<(string Key, string Value)> settings)
    {
        Page = new Uri($"http://127.0.0.1:{FreePort.Next()}");
        _settings = new()
        {
            ["Store:Directory"] = _folder.At("data"),
            ["Web:Url"] = Page.ToString().TrimEnd('/'),
            // Waiting for readiness asks many times a second.
            ["Web:RequestsPerMinute"] = "10000",
            ["Broker:Port"] = $"{BrokerPort}",
            ["Wearers:0:Id"] = "ada",
            ["Wearers:0:Zone"] = "Europe/Berlin",
            ["Wearers:1:Id"] = "bob",
            ["Wearers:1:Zone"] = "Europe/Berlin",
            ["Broker:Accounts:0:User"] = "ada",
            ["Broker:Accounts:0:Password"] = "a",
            ["Broker:Accounts:0:Wearers:0"] = "ada",
            ["Broker:Accounts:1:User"] = "bob",
            ["Broker:Accounts:1:Password"] = "b",
            ["Broker:Accounts:1:Wearers:0"] = "bob",
        };
        foreach (var (key, value) in settings)
            _settings[key] = value;
    }

    public int BrokerPort { get; } = FreePort.Next();

    public Uri Page { get; }

    public string Folder => _folder.At("data");

    /// <summary>
    /// From the next start on the build with failpoints, and what happens at which: "after_ack=kill@7", or
    /// nothing where it is empty. Null: the ordinary build.
    /// </summary>
    public string? Failpoints { get; set; }

    /// <summary>A program with its arguments, put in front of the worker from the next start on.</summary>
    public string[] InFront { get; set; } = [];

    public StoreFile File => new(Folder);

    public WorkerProcess Worker => _worker ?? throw new InvalidOperationException("Not started.");

    public RunningProcess Process => Worker.Process;

    /// <summary>Now in Unix milliseconds: where the tests' samples end.</summary>
    public static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public static WorkerRig Make(params (string Key, string Value)[] settings) => new(settings);

    /// <summary>With its own broker.</summary>
    public static async Task<WorkerRig> StartAsync(params (string Key, string Value)[] settings)
    {
        var rig = new WorkerRig(settings);
        await rig.StartAgainAsync();
        return rig;
    }

    /// <summary>Reading from another broker.</summary>
    public static Task<WorkerRig> StartAsync(int port, params (string Key, string Value)[] settings) =>
        StartAsync([("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{port}"), .. settings]);

    /// <summary>With its own broker, and without the settings that begin so.</summary>
    public static async Task<WorkerRig> StartAsync(string without)
    {
        var rig = new WorkerRig([]);
        foreach (var key in rig._settings.Keys.Where(it => it.StartsWith(without, StringComparison.Ordinal)))
            rig._settings.Remove(key);
        await rig.StartAgainAsync();
        return rig;
    }

    public async Task StartAgainAsync(bool ready = true)
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        _worker = StartVerb("run");
        if (ready)
            await _worker.WaitUntilReadyAsync(Page);
    }

    /// <summary>Another verb with the same settings; its exit code and all it printed.</summary>
    public async Task<(int Code, string Output)> VerbAsync(params string[] arguments)
    {
        await using var verb = StartVerb(arguments);
        var code = await verb.Process.ExitAsync(TimeSpan.FromMinutes(2));
        return (code, verb.Process.Output);
    }

    /// <summary>A path in the folder that verbs run in, beside the store's.</summary>
    public string At(string name) => _folder.At(name);

    /// <summary>Another verb on the same store, with the same settings, running.</summary>
    public WorkerProcess StartVerb(params string[] arguments) =>
        WorkerProcess.Start(_folder.Path, arguments, Environment(), Failpoints, InFront);

    public static string Bpm(long t, double bpm = 60) => $$"""{"v":1,"t":{{t}},"bpm":{{bpm}}}""";

    public Task<RawMqtt> AdaAsync() => RawMqtt.ConnectAsync(BrokerPort, "ada", "ada", "a");

    public long Count(string sql)
    {
        using var reader = File.OpenReader();
        return Convert.ToInt64(Scalar(reader, sql) ?? 0L);
    }

    public string? Text(string sql)
    {
        using var reader = File.OpenReader();
        return Scalar(reader, sql)?.ToString();
    }

    public List<long> Column(string sql)
    {
        using var reader = File.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var values = new List<long>();
        while (row.Read())
            values.Add(row.GetInt64(0));
        return values;
    }

    public long Counter(string name) =>
        Count($"SELECT coalesce(sum(value), 0) FROM counter WHERE name='{name}'");

    public Task UntilAsync(string sql, long value, TimeSpan? within = null) => Process.WaitUntilAsync(
        _ => Task.FromResult(Count(sql) == value), $"{sql} = {value}", within);

    public Task UntilSamplesAsync(long count, TimeSpan? within = null) =>
        UntilAsync("SELECT count(*) FROM sample", count, within);

    /// <summary>Another program that holds the file's write lock until it is disposed.</summary>
    public SqliteConnection Lock()
    {
        var other = new SqliteConnection($"Data Source={File.Path};Pooling=False;Default Timeout=30");
        other.Open();
        Scalar(other, "BEGIN IMMEDIATE");
        return other;
    }

    public void Write(string sql)
    {
        using var other = new SqliteConnection($"Data Source={File.Path};Pooling=False");
        other.Open();
        Scalar(other, sql);
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
            await _worker.DisposeAsync();
        _folder.Dispose();
    }

    Dictionary<string, string> Environment() => _settings.ToDictionary(
        it => "SPASMSTREAM_" + it.Key.Replace(":", "__", StringComparison.Ordinal), it => it.Value);

    static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
