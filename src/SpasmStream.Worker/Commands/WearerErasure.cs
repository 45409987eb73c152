using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What became of one place where something of a wearer was, or might have been.</summary>
/// <param name="Store">The table, file or other place.</param>
/// <param name="State"><c>erased</c>, <c>kept</c>, <c>not touched</c>, <c>scheduled</c>,
/// <c>unsupported</c>, <c>failed</c>.</param>
/// <param name="Rows">How many rows or objects went.</param>
/// <param name="Note">What there is to say about it.</param>
sealed record ErasedPart(string Store, string State, long Rows, string? Note);

/// <summary>What an erasure did, place by place.</summary>
/// <param name="Parts">Every place.</param>
/// <param name="LeftOver">Files of the store's folder that still name the wearer.</param>
/// <param name="Mentioned">Files that hold the bare name, which may be a part of another word.</param>
sealed record ErasureReport(
    IReadOnlyList<ErasedPart> Parts, IReadOnlyList<LeftOver> LeftOver, IReadOnlyList<LeftOver> Mentioned)
{
    /// <summary>Whether all of it went.</summary>
    public bool IsClean => LeftOver.Count == 0 && Parts.All(part => part.State != "failed");
}

/// <summary>
/// Erases a wearer from the store and from all that lies beside it, and looks whether it did.
/// </summary>
sealed class WearerErasure(Settings settings, TimeProvider time, string? broker)
{
    // Shorter names are in any large file by chance.
    const int ShortestToFind = 5;

    readonly string _directory = settings.Store.Directory;

    /// <param name="wearer">Who.</param>
    /// <param name="cancellationToken">What went by then stays gone.</param>
    /// <param name="under">The lock of the instance, where the caller holds it.</param>
    public async Task<ErasureReport> RunAsync(
        WearerId wearer, CancellationToken cancellationToken, InstanceLock? under = null)
    {
        using var store = StoppedStore.Open(settings, mustExist: true, under: under);
        var name = wearer.ToString();
        var pseudonym = await store.Writer.RunAsync(
            session => ErasedWearer.Find(session.Connection, wearer).Pseudonym, cancellationToken);
        var total = Erasure.Count(store.File, wearer).Sum(table => table.Rows);
        var at = Instant.FromDateTimeOffset(time.GetUtcNow());
        var users = Users(name);
        var isTheirs = ErasedActors.Of(_directory, store.File, wearer, users);
        var devices = Devices(store.File, wearer);
        var gone = await ProgressBar.RunAsync("erasing", total,
            done => new Erasure(store.Writer, wearer).RunAsync(at, users, done, cancellationToken));
        var parts = gone.Select(table => new ErasedPart(table.Table, "erased", table.Rows, null)).ToList();
        var accounts = BesideFile.Accounts(_directory).Remove(name);
        parts.Add(new ErasedPart("accounts.json", "erased", accounts, null));
        var profiles = BesideFile.Wearers(_directory).Remove(name);
        parts.Add(new ErasedPart("wearers.json", "erased", profiles, null));
        parts.Add(KeepPseudonymOnly(isTheirs, pseudonym, at));
        // The rows are gone; now their bytes.
        store.CloseFile();
        store.File.Rewrite();
        parts.Add(await RetainedTopics.ClearAsync(settings, broker, wearer, devices, cancellationToken));
        if (settings.Influx.IsOn)
            parts.Add(await EraseInfluxAsync(name, pseudonym, cancellationToken));
        parts.AddRange(Elsewhere(name));
        return Look(parts, name, pseudonym);
    }

    /// <summary>
    /// Looks for what may be left of a wearer whose rows are gone; nothing is changed.
    /// </summary>
    public ErasureReport LookAgain(WearerId wearer) => Look([.. Elsewhere(wearer.ToString())],
        wearer.ToString(), pseudonym: null);

    static List<string> Devices(StoreFile file, WearerId wearer)
    {
        using var reader = file.OpenReader();
        return reader.Query<string>("""
            SELECT device FROM series WHERE wearer=@id UNION SELECT device FROM sample_fact WHERE wearer=@id
                UNION SELECT device FROM entry WHERE wearer=@id UNION SELECT name FROM device WHERE wearer=@id
            """, new { id = ErasedWearer.Find(reader, wearer).Number }).ToList();
    }

    // By both names: the setting may have been another once.
    async Task<ErasedPart> EraseInfluxAsync(
        string name, string? pseudonym, CancellationToken cancellationToken)
    {
        using var link = new InfluxHttp(settings.Influx, time);
        var (state, note) = await new InfluxErase(settings.Influx, link)
            .RunAsync(pseudonym is null ? [name] : [pseudonym, name], cancellationToken);
        return new ErasedPart("InfluxDB", state, 0, note);
    }

    /// <summary>The accounts that are the wearer's alone: their names are as good as the wearer's.</summary>
    HashSet<string> Users(string name) =>
        [
            name,
            .. BesideFile.Accounts(_directory).OnlyOf(name).Select(it => it["user"]?.ToString())
                .OfType<string>(),
            .. settings.Broker.Accounts.Where(it => it.Wearers is [var only] && only == name)
                .Select(it => it.User),
        ];

    ErasedPart KeepPseudonymOnly(ErasedActors theirs, string? pseudonym, Instant at)
    {
        var log = new SecurityLog(_directory);
        var alias = pseudonym ?? "erased";
        log.Rewrite(it => it with
        {
            Actor = theirs.Contains(it.Actor) ? alias : it.Actor,
            Detail = it.Detail?.Split(' ', '/', ':').Any(theirs.Contains) == true ? null : it.Detail,
        });
        log.Append(new SecurityEvent(at, "operator", "erase", pseudonym, null));
        return new ErasedPart(Path.GetFileName(log.Path), "kept", 0,
            "by pseudonym only; nothing tells any more whose that was");
    }

    IEnumerable<ErasedPart> Elsewhere(string name)
    {
        if (settings.Wearers.Any(it => it.Id == name)
            || settings.Broker.Accounts.Any(it => it.Wearers.Contains(name)))
            yield return new ErasedPart("configuration", "not touched", 0,
                "it still names them in Wearers or Broker:Accounts; take them out");
        if (name.Length < ShortestToFind)
            yield return new ErasedPart("bare name", "not searched", 0,
                "name too short to search for by itself");
        yield return new ErasedPart("backups", "not touched", 0,
            "what was copied before is as it was; remove it, or erase again after a restore");
    }

    ErasureReport Look(List<ErasedPart> parts, string name, string? pseudonym)
    {
        string[] sure = [.. pseudonym is null ? [] : new[] { pseudonym }, $"/{name}/", $"\"{name}\""];
        var found = new LeftOverSearch([.. sure, name]).In(_directory)
            .Where(it => it.Text != pseudonym || it.File != "security-events.ndjson").ToList();
        return new ErasureReport(parts, found.FindAll(it => it.Text != name),
            name.Length < ShortestToFind ? []
                : found.FindAll(it => it.Text == name && !found.Exists(
                    other => other.File == it.File && other.Text != name)));
    }
}
