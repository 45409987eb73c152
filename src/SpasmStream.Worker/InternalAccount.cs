using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker;

/// <summary>The worker's own account at its embedded broker; its password lives in memory only.</summary>
sealed class InternalAccount
{
    /// <summary>Reserved: no wearer and no account may be called so.</summary>
    public const string User = "worker";

    public string Password { get; } = RandomNumberGenerator.GetHexString(64);

    /// <summary>Whether it is the password. Nobody guesses 64 digits, so no slow check is needed.</summary>
    public bool Is(string? password) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(password ?? ""), Encoding.UTF8.GetBytes(Password));
}
