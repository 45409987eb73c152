using System.Runtime.InteropServices;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What is stored under one id: its versions, and since when each stands for nothing. Read once a batch, for
/// nothing limits how many there are.
/// </summary>
sealed class FactVersions
{
    readonly Dictionary<(int Revision, bool Withdrawn, string Hash), StoredVersion> _all = [];

    public FactVersions(IEnumerable<StoredVersion> stored)
    {
        foreach (var one in stored)
            _all[NameOf(one.Version)] = one;
        foreach (var (one, gone) in GoneAt())
            one.Gone = gone;
    }

    /// <summary>The same version as it is stored; null when it is not.</summary>
    public StoredVersion? Find(FactVersion version) => _all.GetValueOrDefault(NameOf(version));

    /// <summary>Takes a version in, a new one or one with an earlier receipt.</summary>
    /// <returns>It, and the others that stand longer or shorter now, each with what it was before.</returns>
    public (StoredVersion Put, List<(StoredVersion Version, long? Was)> Changed) Put(
        FactVersion version, byte[] keys)
    {
        ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(
            _all, NameOf(version), out var isKnown);
        if (isKnown && place!.Version == version)
        {
            place.Keys = keys;
            return (place, []);
        }

        var put = place = new StoredVersion(version, keys);
        // What was in its place outranked some of the others by its receipt; then all of them are asked.
        var changed = isKnown ? Settle(put) : Outrank(put);
        return (put, changed);
    }

    List<(StoredVersion, long?)> Outrank(StoredVersion put)
    {
        var changed = new List<(StoredVersion, long?)>();
        var at = put.Version.Received;
        foreach (var one in _all.Values)
        {
            if (one.Version.Outranks(put.Version) && !(put.Gone <= one.Version.Received))
                put.Gone = one.Version.Received;
            if (one == put || !put.Version.Outranks(one.Version) || one.Gone <= at)
                continue;
            changed.Add((one, one.Gone));
            one.Gone = at;
        }

        return changed;
    }

    List<(StoredVersion, long?)> Settle(StoredVersion put)
    {
        var changed = new List<(StoredVersion, long?)>();
        foreach (var (one, gone) in GoneAt())
        {
            if (one != put && one.Gone != gone)
                changed.Add((one, one.Gone));
            one.Gone = gone;
        }

        return changed;
    }

    /// <summary>
    /// For each that says something the receipt of the first that outranks it, as
    /// <see cref="FactVersion.GoneAt"/> has it: from the highest down, with the earliest receipt so far.
    /// </summary>
    IEnumerable<(StoredVersion One, long? Gone)> GoneAt()
    {
        long? above = null;
        foreach (var revision in _all.Values.GroupBy(one => one.Version.Revision)
            .OrderByDescending(group => group.Key))
        {
            // A withdrawal outranks whatever has its revision.
            foreach (var one in revision.Where(one => one.Version.Withdrawn))
                above = Earlier(above, one.Version.Received);
            foreach (var one in revision.Where(one => !one.Version.Withdrawn)
                .OrderByDescending(one => one.Version.Received)
                .ThenByDescending(one => one.Version.Hash, StringComparer.Ordinal))
            {
                yield return (one, above);
                above = Earlier(above, one.Version.Received);
            }
        }
    }

    static long Earlier(long? one, long other) => one is { } first && first <= other ? first : other;

    static (int, bool, string) NameOf(FactVersion version) =>
        (version.Revision, version.Withdrawn, version.Hash);
}

/// <summary>What is stored of one version.</summary>
sealed class StoredVersion(FactVersion version, byte[] keys)
{
    public FactVersion Version => version;

    /// <summary>Its samples' keys, packed.</summary>
    public byte[] Keys { get; set; } = keys;

    /// <summary>Since which receipt it stands for nothing; null while it stands.</summary>
    public long? Gone { get; set; }
}
