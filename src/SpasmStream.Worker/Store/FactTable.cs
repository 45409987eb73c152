using System.Security.Cryptography;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What was sent under an id: its versions, and the withdrawals that take them back (D5, B36). A version
/// stands from its receipt until something outranks it (<see cref="FactVersion.GoneAt"/>); then all of its
/// samples are gone, and those that the next version has again come with that one.
/// </summary>
/// <remarks>
/// At a key that several things share, plain messages and facts of other ids, what still stands wins by
/// revision, receipt and value: taking one of them back uncovers the others, and never takes back what
/// somebody else said. Withdrawals stay for ever: they are small, a file may bring back a message of any age,
/// and an export without them would bring back what was taken back.
/// </remarks>
sealed class FactTable(WriteSession session)
{
    readonly Dictionary<(long Wearer, string Device, string Kind, string Id), FactVersions> _held = [];

    /// <summary>
    /// Keeps a version and counts what became of its samples; false when it is here already. Its earliest
    /// receipt stays, and so does every sample of it that was ever accepted.
    /// </summary>
    public bool Put(long wearer, Decoded decoded, SampleFact fact, Delivery delivery, Span<long> fates)
    {
        var name = new (string, object?)[]
        {
            ("$w", wearer), ("$d", decoded.Device), ("$k", decoded.Kind), ("$i", fact.Id),
        };
        var sent = new FactVersion(fact.Revision, fact.Withdrawn,
            Convert.ToHexString(SHA256.HashData(fact.Json.Span)), Ms.Of(delivery.Received));
        var whole = (wearer, decoded.Device, decoded.Kind, fact.Id);
        if (!_held.TryGetValue(whole, out var held))
            _held[whole] = held = new FactVersions(Load(name));
        var before = held.Find(sent);
        var samples = SamplesOf(wearer, decoded, fact, delivery);
        var keys = before is null ? [] : SampleKey.Unpack(before.Keys).ToHashSet();
        if (before?.Version.Received <= sent.Received)
        {
            // Its first receipt stays. Only what was refused then and is not now is news.
            sent = before.Version;
            samples.RemoveAll(one => keys.Contains(KeyOf(one.Series, one.Sample)));
            fates[(int)SampleFate.Duplicate] += fact.Count - samples.Count;
            if (samples.Count == 0)
                return false;
        }

        keys.UnionWith(samples.Select(one => KeyOf(one.Series, one.Sample)));
        var packed = SampleKey.Pack(keys);
        Save(name, sent, delivery.Replayed, packed, fact.Json);
        var (put, changed) = held.Put(sent, packed);
        foreach (var (stored, was) in changed)
            Settle(wearer, decoded.Kind, fact.Id, stored, was);
        var number = sent.Number(decoded.Kind, fact.Id);
        foreach (var (series, sample) in samples)
            fates[(int)session.Samples.Put(series, sample, number, put.Gone)]++;
        Touch(wearer, samples, put.Gone);
        return before is null;
    }

    /// <summary>A batch begins: what else was done since may have removed some, or it was void.</summary>
    public void Forget() => _held.Clear();

    List<StoredVersion> Load((string, object?)[] name)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = """
            SELECT rev, withdrawn, hash, received, keys FROM sample_fact
            WHERE wearer=$w AND device=$d AND kind=$k AND id=$i
            """;
        foreach (var (parameter, value) in name)
            command.Parameters.AddWithValue(parameter, value);
        using var row = command.ExecuteReader();
        var versions = new List<StoredVersion>();
        while (row.Read())
            versions.Add(new StoredVersion(new FactVersion(row.GetInt32(0), row.GetInt64(1) != 0,
                Convert.ToHexString((byte[])row.GetValue(2)), row.GetInt64(3)), (byte[])row.GetValue(4)));
        return versions;
    }

    void Save((string, object?)[] name, FactVersion sent, bool replayed, byte[] keys,
        ReadOnlyMemory<byte> json) => session.Execute("""
        INSERT INTO sample_fact(wearer, device, kind, id, rev, withdrawn, hash, received, replayed, keys,
            payload) VALUES($w, $d, $k, $i, $rev, $withdrawn, $hash, $received, $replayed, $keys,
                seal('sample_fact', $hash, $payload))
        ON CONFLICT DO UPDATE SET received=excluded.received, keys=excluded.keys,
            replayed=CASE WHEN excluded.received<received THEN excluded.replayed ELSE replayed END
        """,
        [
            .. name, ("$rev", sent.Revision), ("$withdrawn", sent.Withdrawn ? 1 : 0),
            ("$hash", Convert.FromHexString(sent.Hash)), ("$received", sent.Received),
            ("$replayed", replayed ? 1 : 0), ("$keys", keys), ("$payload", json.ToArray()),
        ]);

    List<(long Series, Sample Sample)> SamplesOf(
        long wearer, Decoded decoded, SampleFact fact, Delivery delivery)
    {
        var replayed = delivery.Replayed ? SampleFlags.Replayed : SampleFlags.None;
        var samples = new List<(long, Sample)>(fact.Count);
        for (var i = fact.First; i < fact.First + fact.Count; i++)
        {
            var sample = decoded.Samples[i] with
            {
                Flags = decoded.Samples[i].Flags | replayed,
                Received = delivery.Received,
                Revision = fact.Revision,
            };
            samples.Add((session.Names.Series(wearer, sample.Series), sample));
        }

        return samples;
    }

    /// <summary>Brings another version's samples up to date when it stands longer or shorter.</summary>
    void Settle(long wearer, string kind, string id, StoredVersion stored, long? was)
    {
        foreach (var key in SampleKey.Unpack(stored.Keys))
        {
            session.Samples.TakeBack(key, stored.Version.Number(kind, id), stored.Gone);
            foreach (var changed in (long?[])[was, stored.Gone])
                if (changed is { } at)
                    // Before it came there was nothing to take back.
                    session.TouchHours(wearer, key.Signal, key.Start, key.Duration,
                        Math.Max(at, stored.Version.Received));
        }
    }

    void Touch(long wearer, List<(long Series, Sample Sample)> samples, long? gone)
    {
        foreach (var (series, sample) in samples)
        {
            var key = KeyOf(series, sample);
            if (gone is not { } at)
            {
                session.Touch(wearer, series, sample);
                continue;
            }

            var received = Ms.Of(sample.Received);
            session.TouchHours(wearer, key.Signal, key.Start, key.Duration, received);
            session.TouchHours(wearer, key.Signal, key.Start, key.Duration, Math.Max(at, received));
        }
    }

    static SampleKey KeyOf(long series, in Sample sample) => new(series, sample.Series.Signal,
        sample.Start.ToUnixTimeMilliseconds(), (long)sample.Duration.TotalMilliseconds);
}
