using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Support;

/// <summary>A real VictoriaMetrics with its own port and folder.</summary>
sealed class VictoriaProcess : IAsyncDisposable
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    readonly TempFolder _folder = new();
    readonly RunningProcess _process;

    VictoriaProcess() => _process = new(Servers.Require("victoria-metrics"),
        [
            $"-httpListenAddr=127.0.0.1:{Port}", $"-storageDataPath={_folder.At("data")}",
            "-retentionPeriod=100y",
        ],
        _folder.Path);

    public int Port { get; } = FreePort.Next();

    public InfluxOptions Options => new() { Url = $"http://127.0.0.1:{Port}", Database = "t" };

    public static async Task<VictoriaProcess> StartAsync()
    {
        var victoria = new VictoriaProcess();
        try
        {
            await victoria._process.WaitUntilAsync(victoria.AnswersAsync, $"answering on {victoria.Port}");
            return victoria;
        }
        catch
        {
            await victoria.DisposeAsync();
            throw;
        }
    }

    /// <summary>Every series of a selector with its values, one JSON object a line.</summary>
    public async Task<string[]> ExportAsync(string selector)
    {
        using var flushed = await _http.GetAsync($"http://127.0.0.1:{Port}/internal/force_flush");
        var text = await _http.GetStringAsync(
            $"http://127.0.0.1:{Port}/api/v1/export?match[]={Uri.EscapeDataString(selector)}");
        return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    async Task<bool> AnswersAsync(CancellationToken stop)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://127.0.0.1:{Port}/health", stop);
            return answer.IsSuccessStatusCode && FreePort.IsOwnedBy(_process.Id, Port);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
