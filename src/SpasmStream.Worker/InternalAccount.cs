using System.Security.Cryptography;

namespace SpasmStream.Worker;

/// <summary>The worker's own account at its embedded broker; its password lives in memory only.</summary>
sealed class InternalAccount
{
    /// <summary>Reserved: no wearer and no account may be called so.</summary>
    public const string User = "worker";

    public string Password { get; } = RandomNumberGenerator.GetHexString(64);
}
