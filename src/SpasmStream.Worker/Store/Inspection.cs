using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Worker.Store;

/// <summary>A damaged store that was put aside.</summary>
/// <param name="Path">What it is called now.</param>
/// <param name="Fault">What is wrong with it.</param>
sealed record Quarantined(string Path, string Fault);

/// <summary>
/// Looks at the file before a worker opens it. A damaged one is moved aside, never deleted, and a new one
/// begun, because what is worn goes on sending; one that is gone or another's is refused.
/// </summary>
sealed class Inspection(string directory, TimeProvider time, StoreFile? file = null)
{
    const int Corrupt = 11, NotADatabase = 26;

    // The check reads every page, at 70 MiB a second and more. Up to here that takes two seconds at most; a
    // larger file is checked when its last worker did not come to a clean end.
    const long AlwaysChecked = 128L << 20;

    static readonly InstantPattern Stamp =
        InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmmss'Z'");

    readonly StoreFile _file = file ?? new StoreFile(directory);

    /// <summary>
    /// Null when the file is sound or new; throws <see cref="SetupException"/> for one that should not be
    /// here. From now on the mark says that a worker is at it.
    /// </summary>
    public Quarantined? Run()
    {
        var mark = InstanceMark.Read(directory);
        var quarantined = FaultOf(mark) is { } fault ? PutAside(fault) : null;
        // What is not ours to use is refused here, before anything is marked.
        using var connection = _file.OpenWriter();
        if (quarantined is not null)
            Remember(connection, mark, quarantined);
        var created = quarantined is null && mark is not null ? mark.Created : Now;
        new InstanceMark(IdIn(connection)!, created, Clean: false).Write(directory);
        return quarantined;
    }

    /// <summary>After a clean end.</summary>
    public void Leave()
    {
        if (InstanceMark.Read(directory) is { } mark)
            (mark with { Clean = true }).Write(directory);
    }

    Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    string? FaultOf(InstanceMark? mark)
    {
        if (!File.Exists(_file.Path))
            return mark is null ? null : throw new SetupException(
                $"The store {_file.Path}, begun on {mark.Created}, is gone. Bring it back with restore, or "
                + $"remove {InstanceMark.PathIn(directory)} to begin anew.");
        if (new FileInfo(_file.Path).Length == 0)
            return mark is null ? null : "it is empty";
        try
        {
            using var reader = _file.OpenReader();
            // Another's file is refused when it is opened.
            if (reader.ExecuteScalar<long>("PRAGMA application_id") != StoreFile.ApplicationId)
                return null;
            if (mark is not null && IdIn(reader) is { } id && id != mark.Store)
                throw new SetupException($"{_file.Path} is not the store that was here before. To put a copy "
                    + "in its place use restore; to go on with it, remove "
                    + $"{InstanceMark.PathIn(directory)}.");
            var unclean = mark is not { Clean: true } || File.Exists(_file.Path + "-wal");
            if (!unclean && new FileInfo(_file.Path).Length > AlwaysChecked)
                return null;
            return reader.ExecuteScalar<string>("PRAGMA quick_check(1)") is not "ok" and var fault
                ? fault : null;
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == Corrupt
            || fault.SqliteErrorCode == NotADatabase && mark is not null)
        {
            return fault.SqliteErrorCode == Corrupt ? "its pages are damaged" : "its header is damaged";
        }
        catch (SqliteException)
        {
            // What else keeps it from being read is told when it is opened to be written.
            return null;
        }
    }

    Quarantined PutAside(string fault)
    {
        var aside = $"{_file.Path}.corrupt-{Stamp.Format(Now)}";
        for (var n = 2; File.Exists(aside); n++)
            aside = $"{_file.Path}.corrupt-{Stamp.Format(Now)}-{n}";
        // The mark stays until the new store is there: a crash in between is refused, not taken for new.
        foreach (var part in _file.Parts)
            if (File.Exists(part))
                File.Move(part, aside + part[_file.Path.Length..]);
        return new Quarantined(aside, fault);
    }

    void Remember(SqliteConnection connection, InstanceMark? mark, Quarantined quarantined)
    {
        var began = mark?.Created ?? Instant.FromDateTimeUtc(File.GetCreationTimeUtc(quarantined.Path));
        GapTable.Record(connection, GapCause.StoreQuarantined, Instant.Min(began, Now), Now);
        foreach (var row in Barred(quarantined.Path))
            row.Put(connection);
    }

    // Whoever was erased must stay so.
    static IReadOnlyList<BarredName> Barred(string path)
    {
        using var pages = new PageFile(path);
        return Salvage.BarredIn(pages);
    }

    static string? IdIn(SqliteConnection connection) =>
        connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name='instance'") == 0 ? null
            : connection.ExecuteScalar<string?>("SELECT store FROM instance");
}
