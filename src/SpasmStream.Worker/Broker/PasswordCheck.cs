using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Checks passwords: one slow derivation each, for an unknown user too. A right one is remembered for five
/// minutes, as a hash under a key that lives in memory only.
/// </summary>
sealed class PasswordCheck(TimeProvider time)
{
    static readonly TimeSpan Remembered = TimeSpan.FromMinutes(5);

    readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    readonly PasswordHash _nobody = PasswordHash.OfNobody();
    readonly ConcurrentDictionary<string, (byte[] Mark, long At)> _right = new(StringComparer.Ordinal);
    long _derivations;

    /// <summary>How many passwords were derived.</summary>
    public long Derivations => Volatile.Read(ref _derivations);

    /// <summary>Whether this password was right for this account a moment ago.</summary>
    public bool Remembers(Account account, string password) =>
        _right.TryGetValue(account.User, out var known) && time.GetElapsedTime(known.At) < Remembered
        && CryptographicOperations.FixedTimeEquals(known.Mark, Mark(account, password));

    /// <summary>Whether it is right. Slow by intent, and as slow when there is no such account.</summary>
    public bool IsRight(Account? account, string password)
    {
        Interlocked.Increment(ref _derivations);
        var fits = (account?.Hash ?? _nobody).Fits(password);
        // Compared as well, and not in place of it: a password that stands in the configuration is no
        // quicker to guess at.
        var same = CryptographicOperations.FixedTimeEquals(
            Hash(account?.Password ?? ""), Hash(password)) && account?.Password is { Length: > 0 };
        if (!fits && !same)
            return false;
        _right[account!.User] = (Mark(account, password), time.GetTimestamp());
        return true;
    }

    // The account's version is in it: after a new password the old one is not remembered.
    byte[] Mark(Account account, string password) =>
        Hash($"{account.User}\0{account.Version}\0{password}");

    byte[] Hash(string text) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text));
}
