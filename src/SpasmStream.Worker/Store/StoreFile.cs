using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Opens the one SQLite file the way the delivery contract needs it, and refuses to run otherwise.
/// </summary>
sealed class StoreFile
{
    // "SpSt": a file of another program is never taken for ours.
    public const int ApplicationId = 0x53705374;

    /// <summary>Pages of the log at which SQLite writes it back where no checkpoint of ours does.</summary>
    public const int CheckpointPages = 4_000;

    static readonly (string Pragma, string Value)[] WriterPragmas =
    [
        ("journal_mode", "wal"), ("synchronous", "2"), ("busy_timeout", "5000"),
        ("foreign_keys", "1"), ("secure_delete", "1"),
    ];

    static StoreFile() => SQLitePCL.Batteries_V2.Init();

    readonly PayloadCipher? _payloads;

    /// <param name="directory">Its folder.</param>
    /// <param name="key">The key of its payloads; null when they are clear.</param>
    public StoreFile(string directory, PayloadKey? key = null)
        : this(directory, new PayloadCipher(key)) { }

    StoreFile(string directory, PayloadCipher? payloads) =>
        (Path, _payloads) = (System.IO.Path.Combine(directory, "spasmstream.db"), payloads);

    /// <summary>The file of a configuration, with its key.</summary>
    public static StoreFile Of(StoreOptions options) => new(options.Directory,
        string.IsNullOrEmpty(options.KeyFile) ? null : PayloadKey.Read(options.KeyFile));

    /// <summary>A file of which no payload will be read or written, so that any key will do.</summary>
    public static StoreFile WithoutPayloads(string directory) => new(directory, payloads: null);

    public string Path { get; }

    /// <summary>The file and what SQLite may have laid beside it.</summary>
    public IReadOnlyList<string> Parts => [Path, Path + "-wal", Path + "-shm"];

    /// <summary>The only connection that writes; at most one may be open.</summary>
    public SqliteConnection OpenWriter()
    {
        SqliteConnection? connection = null;
        try
        {
            PrepareDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!);
            CreateForOwnerOnly(Path);
            connection = Open(SqliteOpenMode.ReadWriteCreate);
            RefuseForeignFile(connection);
            Migrations.RefuseNewer(connection);
            RefuseMisfit(connection);
            foreach (var (pragma, value) in WriterPragmas)
                Require(connection, pragma, value);
            // Checkpoints are cheap and rare: 4,000 pages are 16 MiB of log.
            Execute(connection,
                $"PRAGMA wal_autocheckpoint={CheckpointPages}; PRAGMA cache_size=-6144; "
                + "PRAGMA temp_store=2");
            Migrations.Apply(connection);
            _payloads?.Adopt(connection);
            _payloads?.Attach(connection);
            return connection;
        }
        catch (SetupException)
        {
            connection?.Dispose();
            throw;
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException or SqliteException)
        {
            connection?.Dispose();
            throw new StoreUnusableException(
                $"The store file {Path} cannot be used: {fault.Message} "
                + "Give Store:Directory a folder this user may write to, with space left.", fault);
        }
    }

    /// <summary>
    /// A connection that cannot write; any number may be open. <see cref="SetupException"/> when our key is
    /// not the one of its payloads.
    /// </summary>
    public SqliteConnection OpenReader()
    {
        var connection = Open(SqliteOpenMode.ReadOnly);
        try
        {
            Execute(connection, "PRAGMA busy_timeout=5000; PRAGMA query_only=1; PRAGMA cache_size=-4096");
            RefuseMisfit(connection);
            _payloads?.Attach(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Why the payloads of an open file cannot be read with our key; null when they can.</summary>
    public string? Misfit(SqliteConnection connection) => _payloads?.Misfit(connection);

    /// <summary>
    /// What SQLite finds wrong with the file, none when it is sound; the quick check leaves out whether the
    /// indexes agree with their tables.
    /// </summary>
    public IReadOnlyList<string> Faults(bool quick)
    {
        using var connection = Open(SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = quick ? "PRAGMA quick_check" : "PRAGMA integrity_check";
        using var row = command.ExecuteReader();
        var faults = new List<string>();
        while (row.Read())
            if (row.GetString(0) is not "ok" and var fault)
                faults.Add(fault);
        return faults;
    }

    /// <summary>
    /// Writes what has been committed by now into a new file, while others read and write; what is free in
    /// ours is not copied.
    /// </summary>
    public void CopyInto(string path)
    {
        using (var target = OwnerOnly.Create(path))
            target.Flush(flushToDisk: true);
        using (var connection = Open(SqliteOpenMode.ReadOnly))
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "VACUUM INTO $path";
            command.Parameters.AddWithValue("$path", path);
            command.CommandTimeout = 0;
            command.ExecuteNonQuery();
        }

        using var written = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        written.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Writes the whole file anew, from live rows only, and empties its log; nobody may have it open.
    /// </summary>
    /// <remarks>
    /// Freed cells are zeroed (<c>secure_delete</c>), but a row that SQLite moved to another page when it
    /// split one leaves a copy in the gap of the first: a test finds some without this.
    /// </remarks>
    public void Rewrite()
    {
        using var connection = OpenWriter();
        Execute(connection, "VACUUM");
        Execute(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
    }

    /// <summary>
    /// A connection that leaves no trace beside a stopped worker's file: a reader would make files for the
    /// log. What a log holds it does not see, so it is for a file that has none.
    /// </summary>
    public SqliteConnection OpenStill()
    {
        var connection = Open(SqliteOpenMode.ReadOnly,
            new Uri(System.IO.Path.GetFullPath(Path)).AbsoluteUri + "?immutable=1");
        Execute(connection, "PRAGMA query_only=1; PRAGMA cache_size=-4096");
        return connection;
    }

    SqliteConnection Open(SqliteOpenMode mode, string? address = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = address ?? Path,
            Mode = mode,
            Pooling = false,
            // SQLite itself waits 5 s for a lock; beyond that the library would ask on for half a minute.
            DefaultTimeout = 1,
        }.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Makes the folder, for its owner only.</summary>
    public static void PrepareDirectory(string directory)
    {
        if (Directory.Exists(directory))
            return;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // SQLite gives its -wal and -shm files the rights of the file itself, so these must be right from the
    // start.
    static void CreateForOwnerOnly(string path)
    {
        if (File.Exists(path) || OperatingSystem.IsWindows())
            return;
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }

    static void RefuseForeignFile(SqliteConnection connection)
    {
        var id = Scalar(connection, "PRAGMA application_id");
        var tables = Scalar(connection, "SELECT count(*) FROM sqlite_master");
        if (id != ApplicationId.ToString() && tables != "0")
            throw new IOException("it is a database of another program.");
    }

    void RefuseMisfit(SqliteConnection connection)
    {
        if (Misfit(connection) is { } fault)
            throw new SetupException($"The store file {Path} cannot be used. {fault}");
    }

    static void Require(SqliteConnection connection, string pragma, string value)
    {
        Execute(connection, $"PRAGMA {pragma}={value}");
        var actual = Scalar(connection, $"PRAGMA {pragma}");
        if (!string.Equals(actual, value, StringComparison.OrdinalIgnoreCase))
            throw new IOException($"SQLite answers {pragma}={actual} where {value} is needed.");
    }

    static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    static string? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()?.ToString();
    }
}

/// <summary>The store cannot be opened or written: no message may be acknowledged.</summary>
sealed class StoreUnusableException(string message, Exception inner) : Exception(message, inner);
