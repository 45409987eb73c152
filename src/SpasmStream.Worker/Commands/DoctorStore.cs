using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>The store's folder and its file, looked at without writing, locking or leaving a trace.</summary>
sealed class DoctorStore(Settings settings, bool workerRuns)
{
    const string Area = "store";
    const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    const UnixFileMode Writable = UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    const long WalWarn = 64 << 20;
    const long FreeWarn = 1L << 30;
    const long FreeFail = 64 << 20;

    readonly string _folder = Path.GetFullPath(settings.Store.Directory);
    readonly StoreFile _file = StoreFile.WithoutPayloads(settings.Store.Directory);

    /// <summary>Whether the file can be asked what it holds.</summary>
    public bool IsReadable { get; private set; }

    /// <summary>A connection to ask it by.</summary>
    public SqliteConnection Open() => HasLog ? _file.OpenReader() : _file.OpenStill();

    string Wal => _file.Path + "-wal";

    // A running worker's file has one, or will.
    bool HasLog => workerRuns || new FileInfo(Wal) is { Exists: true, Length: > 0 };

    public IEnumerable<DoctorFinding> Folder()
    {
        if (!Directory.Exists(_folder))
        {
            yield return File.Exists(_folder) || NearestIsFile()
                ? DoctorFinding.Failed(Area, $"{_folder} cannot be a folder: a file stands there.",
                    "Set Store:Directory to another folder.")
                : DoctorFinding.Ok(Area, $"{_folder} is not there yet; the first start makes it.");
            yield break;
        }

        if (!OperatingSystem.IsWindows())
        {
            var mode = File.GetUnixFileMode(_folder);
            if ((mode & Writable) != Writable)
                yield return DoctorFinding.Failed(Area, $"{_folder} may not be written to ({Octal(mode)}).",
                    $"chmod 700 {_folder}, as its owner.");
            foreach (var (path, wanted) in Private())
                if (File.GetUnixFileMode(path) is var actual && (actual & Others) != 0)
                    yield return DoctorFinding.Failed(Area,
                        $"{path} is open to other users of this machine ({Octal(actual)}).",
                        $"chmod {wanted} {path}");
        }

        yield return Space();
    }

    /// <summary>Whether the file is ours, of a schema we know, and whole.</summary>
    public async Task<IReadOnlyList<DoctorFinding>> FileAsync(
        Instant now, CancellationToken cancellationToken)
    {
        if (!File.Exists(_file.Path))
            return Directory.Exists(_folder)
                ? [DoctorFinding.Ok(Area, "There is no store file yet; the first start makes it.")] : [];
        var still = !HasLog;
        var findings = await LookAsync(now, cancellationToken);
        // A worker that started meanwhile has changed the file under an eye that takes it for still.
        return still && HasLog && findings.Any(finding => finding.State == FindingState.Failed)
            ? await LookAsync(now, cancellationToken) : findings;
    }

    async Task<IReadOnlyList<DoctorFinding>> LookAsync(Instant now, CancellationToken cancellationToken)
    {
        IsReadable = false;
        try
        {
            using var reader = Open();
            if (Refusal(reader) is { } refusal)
                return [refusal];
            var faults = await CheckAsync(reader, cancellationToken);
            if (faults.Count > 0)
                return [Damaged(string.Join(" ", faults))];
            IsReadable = true;
            return [.. Sound(reader, now)];
        }
        catch (SqliteException fault)
        {
            return [Damaged($"SQLite error {fault.SqliteErrorCode}.")];
        }
    }

    static DoctorFinding? Refusal(SqliteConnection reader)
    {
        if (reader.ExecuteScalar<long>("PRAGMA application_id") != StoreFile.ApplicationId
            && reader.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master") > 0)
            return DoctorFinding.Failed(Area, "The store file is a database of another program.",
                "Set Store:Directory to another folder.");
        var version = reader.ExecuteScalar<int>("PRAGMA user_version");
        return version > Migrations.Newest
            ? DoctorFinding.Failed(Area,
                $"The store has schema {version}, this program knows {Migrations.Newest}.",
                "Run the newer program again.")
            : null;
    }

    /// <summary>Table by table, so that a large file can tell how far it is.</summary>
    static async Task<IReadOnlyList<string>> CheckAsync(
        SqliteConnection reader, CancellationToken cancellationToken)
    {
        var tables = reader.Query<string>("SELECT name FROM sqlite_master WHERE type='table'").ToList();
        return await ProgressBar.RunAsync("checking the store", tables.Count, done =>
        {
            var faults = new List<string>();
            foreach (var table in tables)
            {
                cancellationToken.ThrowIfCancellationRequested();
                // What it says names pages and rows, never a value.
                faults.AddRange(reader.Query<string>($"PRAGMA quick_check('{table}')")
                    .Where(said => said != "ok").Take(3));
                done(1);
            }

            return Task.FromResult<IReadOnlyList<string>>(faults);
        });
    }

    IEnumerable<DoctorFinding> Sound(SqliteConnection reader, Instant now)
    {
        var version = reader.ExecuteScalar<int>("PRAGMA user_version");
        var mebibytes = new FileInfo(_file.Path).Length / 1024.0 / 1024;
        yield return DoctorFinding.Ok(Area, $"{_file.Path} is whole, {mebibytes:0.0} MiB, schema {version}"
            + (version < Migrations.Newest ? $"; the next start brings it to {Migrations.Newest}." : "."));
        var committed = new[] { _file.Path, Wal }.Where(File.Exists).Max(File.GetLastWriteTimeUtc);
        var log = File.Exists(Wal) ? new FileInfo(Wal).Length : 0;
        var ago = now - Instant.FromDateTimeUtc(committed);
        var seen = $"Last written {Ago(ago)}; the log holds {log / 1024.0 / 1024:0.0} MiB.";
        if (StoreFile.Of(settings.Store).Misfit(reader) is { } misfit)
            yield return DoctorFinding.Failed(Area, $"No worker would start on it. {misfit}",
                "Keep every key that was ever set: none can be made again.");
        else if (!string.IsNullOrEmpty(settings.Store.KeyFile))
            yield return DoctorFinding.Ok(Area,
                "Store:KeyFile is its owner's alone, and is the key of the payloads.");
        yield return log > WalWarn
            ? DoctorFinding.Warning(Area, seen,
                "Some program reads without end and keeps the log from being folded in; end it.")
            : DoctorFinding.Ok(Area, seen);
    }

    DoctorFinding Damaged(string what) => DoctorFinding.Failed(Area,
        $"The store file is damaged: {what}", "Stop the worker, keep a copy, then: "
            + $"spasmstream recover {_file.Path}");

    DoctorFinding Space()
    {
        var disk = new DriveInfo(_folder);
        var free = disk.AvailableFreeSpace;
        var seen = $"{free / 1024.0 / 1024 / 1024:0.0} GiB free on its disk.";
        return free < FreeFail ? DoctorFinding.Failed(Area, seen, "Free space: without it nothing is kept.")
            : free < FreeWarn ? DoctorFinding.Warning(Area, seen, "Free space before it runs out.")
            : DoctorFinding.Ok(Area, seen);
    }

    IEnumerable<(string Path, string Wanted)> Private()
    {
        yield return (_folder, "700");
        foreach (var file in FileRights.OursIn(_folder).Order(StringComparer.Ordinal))
            yield return (file, "600");
    }

    bool NearestIsFile()
    {
        for (var at = Path.GetDirectoryName(_folder); at is not null; at = Path.GetDirectoryName(at))
            if (Directory.Exists(at))
                return false;
            else if (File.Exists(at))
                return true;
        return false;
    }

    static string Ago(Duration ago) => ago < Duration.FromMinutes(2) ? "just now"
        : ago < Duration.FromHours(2) ? $"{ago.TotalMinutes:0} minutes ago"
        : ago < Duration.FromDays(2) ? $"{ago.TotalHours:0} hours ago" : $"{ago.TotalDays:0} days ago";

    static string Octal(UnixFileMode mode) => Convert.ToString((int)mode & 0x1FF, 8).PadLeft(4, '0');
}
