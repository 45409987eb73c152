using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker.Store;

/// <summary>
/// One version of what was sent under an id, or a withdrawal of it. Versions are in one order: by revision,
/// receipt and hash.
/// </summary>
/// <param name="Revision">Higher outranks lower.</param>
/// <param name="Withdrawn">Whether it takes back instead of saying something.</param>
/// <param name="Hash">SHA-256 of the object's bytes, hexadecimal.</param>
/// <param name="Received">Its first receipt, Unix milliseconds.</param>
sealed record FactVersion(int Revision, bool Withdrawn, string Hash, long Received)
{
    /// <summary>Whether the two say the same, whenever they came.</summary>
    public bool IsSame(FactVersion other) =>
        Revision == other.Revision && Withdrawn == other.Withdrawn && Hash == other.Hash;

    /// <summary>
    /// From which receipt on this version stands for nothing, by all that is known under its id: that of the
    /// first that outranks it, a later version or a withdrawal with at least its revision. What outranks it
    /// goes on to do so, so a version never comes back. Null while it stands; not later than its own receipt
    /// when it never did.
    /// </summary>
    public long? GoneAt(IEnumerable<FactVersion> all)
    {
        long? gone = null;
        foreach (var other in all)
            if (other.Outranks(this) && !(gone <= other.Received))
                gone = other.Received;
        return gone;
    }

    /// <summary>
    /// What its samples name it by: the same in every file, so that rows do not depend on the order of
    /// arrival. Never 0, which stands for no version.
    /// </summary>
    public long Number(string kind, string id) => BitConverter.ToInt64(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{kind}\0{id}\0{Revision}\0{Hash}"))) & long.MaxValue | 1;

    /// <summary>Whether the other stands for nothing once this is known.</summary>
    public bool Outranks(FactVersion other)
    {
        if (Withdrawn)
            return Revision >= other.Revision;
        if (Revision != other.Revision)
            return Revision > other.Revision;
        return Received != other.Received ? Received > other.Received
            : string.CompareOrdinal(Hash, other.Hash) > 0;
    }
}
