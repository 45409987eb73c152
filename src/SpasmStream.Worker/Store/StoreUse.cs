using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>How the file grows, measured over the last week.</summary>
/// <param name="BytesPerDay">More or less bytes held than a day before, on average.</param>
/// <param name="RowsPerDay">Samples stored a day, on average.</param>
sealed record StoreGrowth(double BytesPerDay, double RowsPerDay)
{
    /// <summary>Whole days until that many bytes more are held; null when the file does not grow.</summary>
    public int? DaysUntil(long bytes) =>
        BytesPerDay > 0 ? (int)Math.Min(36_500, bytes / BytesPerDay) : null;
}

/// <summary>Asks the file and its disk how much is held, and keeps it day by day.</summary>
static class StoreUse
{
    const int Week = 7;

    /// <summary>The room there is; null when file or disk cannot be asked: the writer will say why.</summary>
    public static DiskSpace? Measure(StoreFile file)
    {
        try
        {
            using var reader = file.OpenReader();
            var page = reader.ExecuteScalar<long>("PRAGMA page_size");
            var free = reader.ExecuteScalar<long>("PRAGMA freelist_count") * page;
            var log = new FileInfo(file.Path + "-wal");
            return new DiskSpace(
                reader.ExecuteScalar<long>("PRAGMA page_count") * page - free + (log.Exists ? log.Length : 0),
                new DriveInfo(Path.GetDirectoryName(Path.GetFullPath(file.Path))!).AvailableFreeSpace + free);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            return null;
        }
    }

    /// <summary>Notes what is held today.</summary>
    public static void Note(WriteSession session, Instant now)
    {
        session.Flush();
        session.Execute("""
            INSERT OR REPLACE INTO store_size SELECT $d, (SELECT (page_count-freelist_count)*page_size
                FROM pragma_page_count, pragma_freelist_count, pragma_page_size),
                coalesce((SELECT value FROM counter WHERE name=$n), 0)
            """, ("$d", Day(now)), ("$n", nameof(Counter.SamplesStored)));
    }

    /// <summary>Null before two days are known.</summary>
    public static StoreGrowth? Growth(StoreFile file, Instant now)
    {
        using var reader = file.OpenReader();
        var days = reader.Query<(long Day, long Bytes, long Rows)>(
            "SELECT day, bytes, rows FROM store_size WHERE day>=@from ORDER BY day",
            new { from = Day(now) - Week }).ToList();
        if (days.Count < 2)
            return null;
        var (first, last) = (days[0], days[^1]);
        double span = last.Day - first.Day;
        return new StoreGrowth((last.Bytes - first.Bytes) / span, (last.Rows - first.Rows) / span);
    }

    static long Day(Instant instant) => (long)Math.Floor((instant - NodaConstants.UnixEpoch).TotalDays);
}
