using System.Net.Sockets;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// Asks beforehand where the hosts of webhooks lie. A start does not ask: a name server that is away or lies
/// for an hour keeps nobody from measuring, and every connection is checked again anyway.
/// </summary>
static class WebhookLookup
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A line for each webhook that lies on no public address; a host that nobody knows now is no fault.
    /// </summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(
        NotifyOptions options, Resolve resolve, TimeProvider time, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        for (var i = 0; i < options.Webhooks.Count; i++)
        {
            var webhook = options.Webhooks[i];
            var host = WebhookAddress.HostOf(new Uri(webhook.Url));
            if (!WebhookAddress.IsAllowed(host, webhook.AllowedHosts)
                && await LiesInPrivateAsync(host, resolve, time, cancellationToken))
                faults.Add($"Notify:Webhooks:{i}:Url: {WebhookAddress.NotPublic}");
        }

        return faults;
    }

    static async Task<bool> LiesInPrivateAsync(
        string host, Resolve resolve, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var addresses = await resolve(host, both.Token);
            return addresses.Length > 0 && !Array.Exists(addresses, AddressRule.IsPublic);
        }
        catch (SocketException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
