using System.Collections.Concurrent;
using Dapper;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>When an id was acknowledged, by the machine's clock, and with which reason.</summary>
readonly record struct SetAnswer(long Stamp, int Reason);

/// <summary>
/// The book of one device: every id it published, with its value and its acknowledgement, and what became of
/// each, asked of the worker's file itself. An id is the instant of its sample, so no two are alike.
/// </summary>
sealed class SetFull(string device = "watch")
{
    // mosquitto's way to say that nobody is there to keep it.
    const int NoSubscribers = 0x10;

    readonly long _start = WorkerRig.Now - 20_000_000;
    readonly ConcurrentDictionary<long, double> _sent = new();
    readonly ConcurrentDictionary<long, long> _begun = new();
    readonly ConcurrentDictionary<long, SetAnswer> _answers = new();
    int _next;

    public string Topic { get; } = $"spasmstream/v1/in/ada/{device}/heart-rate";

    public int Sent => _sent.Count;

    /// <summary>Ids that somebody promised to keep.</summary>
    public IReadOnlyCollection<long> Acknowledged => [.. _answers.Where(it => it.Value.Reason == 0)
        .Select(it => it.Key)];

    /// <summary>Ids that were refused, or that nobody wanted.</summary>
    public int Refused => _answers.Count(it => it.Value.Reason != 0);

    /// <summary>The answer to an id.</summary>
    public SetAnswer? AnswerOf(long id) => _answers.TryGetValue(id, out var answer) ? answer : null;

    /// <summary>How long each took to be acknowledged, of those that were begun since then.</summary>
    public IEnumerable<TimeSpan> Took(long since) => _answers
        .Where(it => it.Value.Reason == 0 && _begun[it.Key] >= since)
        .Select(it => TimeProvider.System.GetElapsedTime(_begun[it.Key], it.Value.Stamp));

    /// <summary>A new id, in the book before it is sent.</summary>
    public long Next()
    {
        var id = _start + Interlocked.Increment(ref _next);
        _sent[id] = 40 + id % 1500 / 10.0;
        _begun[id] = TimeProvider.System.GetTimestamp();
        return id;
    }

    public string Message(long id) => WorkerRig.Bpm(id, _sent[id]);

    /// <summary>The id of a message.</summary>
    public static long IdOf(string message)
    {
        var at = message.IndexOf("\"t\":", StringComparison.Ordinal) + 4;
        return long.Parse(message.AsSpan(at, message.AsSpan(at).IndexOfAnyExceptInRange('0', '9')));
    }

    public void Answered(long id, int reason) =>
        _answers[id] = new(TimeProvider.System.GetTimestamp(), reason == NoSubscribers ? -1 : reason);

    /// <summary>Ids of this device in the file.</summary>
    public HashSet<long> Stored(StoreFile file)
    {
        using var reader = file.OpenReader();
        return [.. reader.Query<long>($"SELECT DISTINCT t FROM {Samples}", new { device })];
    }

    /// <summary>Whether all that was acknowledged is settled in the file.</summary>
    public bool IsSettled(StoreFile file) =>
        Acknowledged.Except(Stored(file)).ToList() is var open && open.Count <= DeadLetters(file, open).Count;

    public SetVerdict Judge(StoreFile file)
    {
        using var reader = file.OpenReader();
        var rows = reader.Query<(long T, double Value)>(
            $"SELECT t, value FROM {Samples} UNION ALL SELECT t, value FROM {Superseded}", new { device })
            .ToLookup(row => row.T, row => row.Value);
        var acknowledged = Acknowledged;
        var absent = acknowledged.Where(id => !rows.Contains(id)).ToList();
        var dead = DeadLetters(file, absent);
        return new SetVerdict
        {
            Ok = [.. acknowledged.Where(id => rows[id].Count() == 1 && rows[id].Single() == _sent[id])],
            Unanswered = [.. _sent.Keys.Except(acknowledged)],
            Dead = [.. dead],
            Lost = [.. absent.Except(dead)],
            Duplicated = [.. rows.Where(row => row.Count() > 1).Select(row => row.Key)],
            Phantom = [.. rows.Where(row => !_sent.ContainsKey(row.Key)).Select(row => row.Key)],
            Corrupted = [.. rows.Where(row => _sent.TryGetValue(row.Key, out var value)
                && row.Any(it => it != value)).Select(row => row.Key)],
        };
    }

    /// <summary>Those of the ids whose dead letter says so in its own bytes.</summary>
    static HashSet<long> DeadLetters(StoreFile file, List<long> ids)
    {
        if (ids.Count == 0)
            return [];
        using var reader = file.OpenReader();
        var payloads = reader.Query<string>("SELECT CAST(payload AS TEXT) FROM dead_payload").ToList();
        return [.. ids.Where(id => payloads.Any(payload => payload.Contains($"{id}",
            StringComparison.Ordinal)))];
    }

    const string Samples = "sample WHERE series IN (SELECT id FROM series WHERE device=@device)";
    const string Superseded =
        "sample_superseded WHERE series IN (SELECT id FROM series WHERE device=@device)";
}
