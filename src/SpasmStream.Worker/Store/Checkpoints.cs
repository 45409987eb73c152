using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Writes the log back into the file between two transactions: no commit, and nobody who waits for one, pays
/// for it. For the writer's thread and its connection only.
/// </summary>
sealed partial class Checkpoints
{
    /// <summary>Pages of the log at which it is written back; of 4 KiB each.</summary>
    public const int Pages = 1_000;

    /// <summary>The log's file is cut back to this after somebody kept it from being written back.</summary>
    public const long KeptBytes = 32 << 20;

    /// <summary>The log is not to be longer than this without anybody hearing of it.</summary>
    public const long LongBytes = 256 << 20;

    /// <summary>
    /// What the log may hold at rest: little to read at a start, and a quiet hour wears no disk.
    /// </summary>
    public const int IdlePages = Pages / 4;

    // SQLITE_CHECKPOINT_NOOP, since 3.51: tells both lengths and does nothing.
    const int Ask = -1;

    readonly sqlite3 _file;
    readonly ILogger _logger;
    readonly int _frameBytes;
    readonly long _longBytes;
    long _logBytes;
    int _seen;
    int _notBefore;
    bool _failed;
    bool _isLong;

    /// <param name="connection">The writer's.</param>
    /// <param name="logger">Told when the log cannot be written back.</param>
    /// <param name="longBytes">Beyond which length somebody is to hear of it.</param>
    public Checkpoints(
        SqliteConnection connection, ILogger? logger = null, long longBytes = LongBytes)
    {
        _longBytes = longBytes;
        (_file, _logger) = (connection.Handle!, logger ?? NullLogger.Instance);
        _frameBytes = 24 + (int)Number(connection, "PRAGMA page_size");
        Number(connection, $"PRAGMA journal_size_limit={KeptBytes}");
        raw.sqlite3_wal_autocheckpoint(_file, 0);
    }

    /// <summary>How long the log is, in bytes; may be asked by any thread.</summary>
    public long LogBytes => Volatile.Read(ref _logBytes);

    /// <summary>Told what each took, on the writer's thread; for whoever measures.</summary>
    public Action<TimeSpan>? Watch { get; set; }

    /// <summary>After a commit, once everybody who waited for it was told.</summary>
    public void AfterCommit()
    {
        if (Measure() is var (frames, written) && frames - written >= Pages && frames >= _notBefore)
            Run();
    }

    /// <summary>When nothing is to be written.</summary>
    public void WhenIdle()
    {
        if (Measure() is var (frames, written) && frames - written >= IdlePages)
            Run();
    }

    (int Frames, int Written) Measure()
    {
        raw.sqlite3_wal_checkpoint_v2(_file, "main", Ask, out var frames, out var written);
        if (frames < _seen)
            _notBefore = 0;
        _seen = frames;
        Volatile.Write(ref _logBytes, Math.Max(0L, frames) * _frameBytes);
        var isLong = LogBytes > _longBytes;
        if (isLong && !_isLong)
            Log.Long(_logger, LogBytes >> 20);
        _isLong = isLong;
        return (frames, written);
    }

    void Run()
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            Failpoint.Hit("during_checkpoint");
            var result = raw.sqlite3_wal_checkpoint_v2(
                _file, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out var frames, out var written);
            if (result is not (raw.SQLITE_OK or raw.SQLITE_BUSY))
                throw new SqliteException(raw.sqlite3_errmsg(_file).utf8_to_string(), result);
            // Who still reads an older state keeps the rest from being written back: it is not asked for
            // again at each commit.
            _notBefore = written < frames ? _seen + Pages : 0;
            if (_failed)
                raw.sqlite3_wal_autocheckpoint(_file, 0);
            _failed = false;
        }
        // Nothing may end the writer's thread, and nothing is lost: all of it is in the log.
        catch (Exception fault)
        {
            _notBefore = _seen + Pages;
            if (!_failed)
                Log.Failed(_logger, (fault as SqliteException)?.SqliteErrorCode ?? 0);
            // Until ours works again SQLite may try by itself, inside a commit.
            raw.sqlite3_wal_autocheckpoint(_file, StoreFile.CheckpointPages);
            _failed = true;
        }

        Watch?.Invoke(Stopwatch.GetElapsedTime(began));
    }

    static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar());
    }

    static partial class Log
    {
        [LoggerMessage(201, LogLevel.Warning,
            "The log of commits could not be written back into the store file (SQLite error {Code}). Nothing "
            + "is lost, but the log grows; it is tried again. Free space on its disk.")]
        public static partial void Failed(ILogger logger, int code);

        [LoggerMessage(202, LogLevel.Warning,
            "The log of commits has grown to {Mebibytes} MiB: some program reads the store without end and "
            + "keeps the log from being written back. End it; nothing is lost meanwhile.")]
        public static partial void Long(ILogger logger, long mebibytes);
    }
}
