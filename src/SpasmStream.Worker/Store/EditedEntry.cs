using System.Security.Cryptography;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Worker.Store;

/// <summary>
/// One sleep or diary object over its versions, and the one that stands: the highest by revision, receipt and
/// hash, if no withdrawal with at least its revision is known. Whatever order they are taken in, the same set
/// leaves the same one standing.
/// </summary>
sealed class EditedEntry
{
    int? _takenBack;
    StoredEntry? _entry;

    /// <summary>What stands; null for nothing.</summary>
    public object? Value { get; private set; }

    /// <summary>Takes in a version or a withdrawal; whether it changed what stands.</summary>
    public bool Learn(StoredEntry entry, object value)
    {
        if (value is Withdrawal)
        {
            if (!(_takenBack >= entry.Revision))
                _takenBack = entry.Revision;
            if (_entry is null || _entry.Revision > _takenBack)
                return false;
            (_entry, Value) = (null, null);
            return true;
        }

        if (entry.Revision <= _takenBack || (_entry is { } held && Compare(held, entry) >= 0))
            return false;
        (_entry, Value) = (entry, value);
        return true;
    }

    /// <summary>By receipt, then by hash: the order in which versions are learnt.</summary>
    public static int CompareReceipts(StoredEntry a, StoredEntry b) =>
        a.Received != b.Received ? a.Received.CompareTo(b.Received)
        : SHA256.HashData(a.Payload).AsSpan().SequenceCompareTo(SHA256.HashData(b.Payload));

    static int Compare(StoredEntry a, StoredEntry b) =>
        a.Revision != b.Revision ? a.Revision.CompareTo(b.Revision) : CompareReceipts(a, b);
}
