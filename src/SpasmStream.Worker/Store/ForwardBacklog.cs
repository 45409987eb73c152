using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>What waits to be forwarded.</summary>
/// <param name="Bytes">What it takes in the file, about.</param>
/// <param name="Age">How long the first of it has waited.</param>
readonly record struct ForwardBacklog(long Bytes, TimeSpan Age)
{
    /// <summary>
    /// Asks the file, by its first row and its last; null when it cannot be asked: the writer will say why.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="now">Our own time, in Unix milliseconds.</param>
    public static ForwardBacklog? Measure(StoreFile file, long now)
    {
        try
        {
            using var reader = file.OpenReader();
            return Of(reader, now);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
        {
            return null;
        }
    }

    public static ForwardBacklog Of(SqliteConnection connection, long now)
    {
        var waits = connection.Query<(long Before, long At, long Total)>($"""
            SELECT total - length(packed) - {ForwardTable.RowBytes}, at,
                (SELECT total FROM forward ORDER BY id DESC LIMIT 1)
            FROM forward ORDER BY id LIMIT 1
            """).ToList();
        return waits is [var (before, at, total)]
            ? new ForwardBacklog(
                Math.Max(0, total - before), TimeSpan.FromMilliseconds(Math.Max(0, now - at)))
            : default;
    }

    /// <summary>The share that is taken of what may wait; above 1 when it is more.</summary>
    public double ShareOf(StoreOptions options) => Math.Max(
        Bytes / (options.WaitingMebibytes * 1024.0 * 1024), Age / TimeSpan.FromDays(options.WaitingDays));
}
