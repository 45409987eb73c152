using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Who may connect to the embedded broker, and what each may publish and read. Default is no.
/// </summary>
sealed class Accounts(IOptions<BrokerOptions> options, InternalAccount own, StoreOptions store)
{
    const string In = "spasmstream/v1/in/";
    const string Out = "spasmstream/v1/out/";

    readonly Dictionary<string, BrokerAccount> _accounts =
        (options.Value.Accounts is { Count: > 0 } named ? named : [GatewayAccount.Open(store.Directory)])
        .ToDictionary(a => a.User, StringComparer.Ordinal);

    /// <summary>Where the password of the account stands that was made because none is named.</summary>
    public string? PasswordFile { get; } =
        options.Value.Accounts.Count > 0 ? null : GatewayAccount.PathIn(store.Directory);

    /// <summary>Whether the password is the user's; an unknown user costs the same time.</summary>
    public bool Knows(string? user, string? password)
    {
        var expected = user == InternalAccount.User ? own.Password
            : user is not null && _accounts.TryGetValue(user, out var account) ? account.Password : null;
        var matches = CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(expected ?? "")),
            SHA256.HashData(Encoding.UTF8.GetBytes(password ?? "")));
        return matches && expected is { Length: > 0 };
    }

    /// <summary>
    /// A session outlives its connection, and the library goes on taking it for its first user's: so a client
    /// id must say whose it is.
    /// </summary>
    public static bool MayUseClientId(string user, string clientId) =>
        clientId == user || (clientId.StartsWith(user + ":", StringComparison.Ordinal)
            && clientId.Length <= 128
            && clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '-'));

    /// <summary>Whether the user may publish on this topic.</summary>
    public bool MayPublish(string user, string topic)
    {
        if (user == InternalAccount.User)
            return topic.StartsWith(Out, StringComparison.Ordinal);
        return topic.StartsWith(In, StringComparison.Ordinal) && MayTouch(user, WearerLevel(topic, In));
    }

    /// <summary>Whether everything the filter can match may be read by the user.</summary>
    public bool MayRead(string user, string filter)
    {
        if (filter == Out + "worker/status")
            return true;
        var wearer = filter.StartsWith(Out, StringComparison.Ordinal) ? WearerLevel(filter, Out) : "";
        return wearer is not ("" or "+" or "#") && MayTouch(user, wearer);
    }

    bool MayTouch(string user, string wearer) =>
        _accounts.TryGetValue(user, out var account) && (account.Gateway || account.Wearers.Contains(wearer));

    static string WearerLevel(string topic, string prefix)
    {
        var end = topic.IndexOf('/', prefix.Length);
        return end < 0 ? topic[prefix.Length..] : topic[prefix.Length..end];
    }
}
