using System.Security.Cryptography;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// A session outlives its connection, and the library goes on taking it for its first user's: so a client id
/// must say whose it is.
/// </summary>
static class ClientId
{
    const int LengthMax = 128;

    /// <summary>Whether it is the user's name, or that followed by a colon and a suffix.</summary>
    public static bool Belongs(string? clientId, string user) => clientId is { Length: <= LengthMax }
        && (clientId == user || (clientId.StartsWith(user + ":", StringComparison.Ordinal)
            && clientId.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '-')));

    /// <summary>One for a client that has named none.</summary>
    public static string Make(string user) =>
        $"{user}:{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
}
