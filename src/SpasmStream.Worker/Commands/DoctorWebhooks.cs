using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Looks up and connects to where webhooks go, by the door that alerts leave by; nothing is posted.
/// </summary>
static class DoctorWebhooks
{
    const string Area = "webhooks";
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<DoctorFinding>> TryAsync(
        NotifyOptions options, Resolve resolve, CancellationToken cancellationToken)
    {
        var findings = new List<DoctorFinding>();
        foreach (var webhook in options.Webhooks)
            findings.Add(await TryAsync(webhook, resolve, cancellationToken));
        return findings;
    }

    static async Task<DoctorFinding> TryAsync(
        WebhookOptions webhook, Resolve resolve, CancellationToken cancellationToken)
    {
        // The path may hold a token.
        var url = new Uri(webhook.Url);
        var at = $"Channel {webhook.Name}: {url.Host}:{url.Port}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await using var stream = await new WebhookDoor(webhook.AllowedHosts, resolve)
                .ConnectAsync(url.IdnHost, url.Port, limit.Token);
            if (url.Scheme != Uri.UriSchemeHttps)
                return DoctorFinding.Ok(Area, $"{at} takes connections, without TLS.", Test(webhook));
            await using var tls = new SslStream(stream);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = url.IdnHost }, limit.Token);
            return DoctorFinding.Ok(Area, $"{at} takes connections and its TLS is trusted.", Test(webhook));
        }
        catch (AddressRefusedException)
        {
            return DoctorFinding.Failed(Area, $"{at} is not on the public internet.",
                "Add that exact host to its AllowedHosts if it is meant.");
        }
        catch (AuthenticationException fault)
        {
            return DoctorFinding.Failed(Area, $"{at} is not trusted: {fault.Message}",
                "Use the name its certificate is for; this machine must trust who issued it.");
        }
        catch (Exception fault) when (fault is SocketException or IOException)
        {
            return DoctorFinding.Failed(Area, $"{at} cannot be reached: {fault.GetBaseException().Message}.",
                "Check its Url, the network, and that the receiver runs.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return DoctorFinding.Failed(Area, $"{at} did not answer within 5 seconds.",
                "Check its Url, the network, and that the receiver runs.");
        }
    }

    static string Test(WebhookOptions webhook) =>
        $"Nothing was posted: spasmstream notify test --channel {webhook.Name}";
}
