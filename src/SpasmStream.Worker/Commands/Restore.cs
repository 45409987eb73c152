using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What became of a restore.</summary>
/// <param name="Files">What was put in place.</param>
/// <param name="Aside">What was there before, under its new name.</param>
/// <param name="ErasedSince">Wearers of the backup who were erased after it was taken.</param>
/// <param name="AccountsKept">
/// Accounts that stay revoked, or keep a newer password; null when those that were there cannot be read.
/// </param>
sealed record Restored(IReadOnlyList<string> Files, IReadOnlyList<string> Aside,
    IReadOnlyList<WearerId> ErasedSince, int? AccountsKept);

/// <summary>
/// Puts the files of a backup in the place of a store; what was there is moved aside and never deleted.
/// Whoever calls holds the lock of the instance.
/// </summary>
sealed class Restore(StoreFile store, string folder, Instant at)
{
    readonly string _directory = Path.GetDirectoryName(Path.GetFullPath(store.Path))!;

    static readonly InstantPattern Stamp =
        InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    public Restored Run(BackupManifest manifest)
    {
        var erased = ErasedRows();
        // The log of what was done stays: a backup does not undo it.
        var names = manifest.Files.Select(file => file.Name)
            .Where(name => name != "security-events.ndjson" || !File.Exists(Path.Combine(_directory, name)))
            .ToList();
        foreach (var name in names)
        {
            var fresh = Fresh(name);
            File.Delete(fresh);
            OwnerOnly.Copy(Path.Combine(folder, name), fresh);
        }

        Check(Fresh(Backup.Database));
        var aside = new List<string>();
        foreach (var path in store.Parts.Concat(Backup.Beside.Select(name => Path.Combine(_directory, name)))
            .Append(InstanceMark.PathIn(_directory)))
            if (File.Exists(path) && Path.GetFileName(path) != "security-events.ndjson")
            {
                var moved = $"{path}.before-restore-{Stamp.Format(at)}";
                File.Move(path, moved);
                aside.Add(Path.GetFileName(moved));
            }

        foreach (var name in names)
            File.Move(Fresh(name), Path.Combine(_directory, name));
        return new Restored(names, aside, Open(erased, manifest.Taken), KeepAccounts(aside));
    }

    int? KeepAccounts(List<string> aside) =>
        aside.Find(name => name.StartsWith("accounts.json.", StringComparison.Ordinal)) is not { } old ? 0
            : AccountMerge.Run(Path.Combine(_directory, "accounts.json"), Path.Combine(_directory, old));

    string Fresh(string name) => Path.Combine(_directory, name + ".restoring");

    // Before anything is moved: a copy that this program cannot use must not take a store's place.
    void Check(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false,
        }.ToString());
        connection.Open();
        if (connection.ExecuteScalar<long>("PRAGMA application_id") != StoreFile.ApplicationId)
            throw new SetupException("The backup holds a database of another program.");
        try
        {
            Migrations.RefuseNewer(connection);
        }
        catch (IOException fault)
        {
            throw new SetupException($"The backup cannot be used: {fault.Message}");
        }

        if (store.Misfit(connection) is { } misfit)
            throw new SetupException($"The backup cannot be used with these settings. {misfit}");
        if (connection.ExecuteScalar<string>("PRAGMA integrity_check(1)") is not "ok" and var fault2)
            throw new InvalidDataException($"The database of the backup is damaged: {fault2}.");
    }

    /// <summary>Whom the store that is there has barred, as far as it can be read.</summary>
    IReadOnlyList<BarredName> ErasedRows()
    {
        if (!File.Exists(store.Path))
            return [];
        try
        {
            // What it held may have another key than the backup.
            using var reader = StoreFile.WithoutPayloads(_directory).OpenReader();
            return BarredName.All(reader);
        }
        catch (SqliteException)
        {
            // It may be torn, which is why it is replaced.
            using var pages = new PageFile(store.Path);
            return Salvage.BarredIn(pages);
        }
    }

    List<WearerId> Open(IReadOnlyList<BarredName> erased, Instant taken)
    {
        using var connection = store.OpenWriter();
        if (connection.ExecuteScalar<string>("PRAGMA quick_check(1)") is not "ok" and var fault)
            throw new InvalidDataException($"What was restored is damaged: {fault}.");
        foreach (var row in erased)
            row.Put(connection);
        // InfluxDB may know later values than the backup: it is told everything once more.
        ForwardTarget.Forget(connection);
        GapTable.Record(connection, GapCause.Restored, Instant.Min(taken, at), at);
        var barred = new ErasedWearers(connection);
        return [.. connection.Query<string>("SELECT name FROM wearer ORDER BY name")
            .Select(name => new WearerId(name)).Where(barred.Contains)];
    }
}
