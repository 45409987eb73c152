using System.Net;
using System.Net.NetworkInformation;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary>Whether a worker runs on the store, as far as can be seen without disturbing it.</summary>
/// <param name="Process">Which process holds the store; null when none is seen.</param>
/// <param name="Live">What its health route says; null when nobody answers there.</param>
sealed record WorkerSight(int? Process, bool? Live)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Where nobody tells who holds a file, whoever answers is taken for ours.</summary>
    public bool Runs => Process is not null || (Live is not null && !LockHolder.CanSee);

    /// <summary>For the beginning of a sentence.</summary>
    public string Name => Process is { } id ? $"Process {id}" : "A worker";

    public static async Task<WorkerSight> LookAsync(Settings settings, CancellationToken cancellationToken)
    {
        var process = LockHolder.Find(settings.Store.Directory);
        return new WorkerSight(process,
            settings.Web.Enabled ? await AskAsync(settings.Web.Url, cancellationToken) : null);
    }

    /// <summary>Whether anybody listens on a port of this machine; nothing is opened for it.</summary>
    public static bool IsTaken(int port) => IPGlobalProperties.GetIPGlobalProperties()
        .GetActiveTcpListeners().Any(listener => listener.Port == port);

    static async Task<bool?> AskAsync(string page, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        // A proxy of the environment knows nothing of our own machine.
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var http = new HttpClient(handler);
        try
        {
            using var answer = await http.GetAsync(new Uri(new Uri(page), "/health/live"), limit.Token);
            var text = await answer.Content.ReadAsStringAsync(limit.Token);
            return text.StartsWith("{\"live\"", StringComparison.Ordinal)
                ? answer.StatusCode == HttpStatusCode.OK : null;
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
