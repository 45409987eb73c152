using System.Diagnostics;
using SpasmStream.Worker.Store;
using SQLitePCL;

namespace SpasmStream.Benchmarks;

/// <summary>The ceiling: the keyed insert of a sample and nothing else, on a file of its own.</summary>
static class BareLoop
{
    const int Series = 200;
    const long Start = 1_772_919_660_000;

    /// <summary>Rows a second.</summary>
    /// <param name="rows">How many in all.</param>
    /// <param name="rowsPerCommit">How many in a transaction.</param>
    /// <param name="samples">How many of one series before the next has its turn.</param>
    public static double Run(int rows, int rowsPerCommit, int samples)
    {
        var folder = Directory.CreateTempSubdirectory("spasmstream-bare-");
        try
        {
            using var connection = new StoreFile(folder.FullName).OpenWriter();
            var file = connection.Handle!;
            Check(raw.sqlite3_exec(file, "PRAGMA wal_autocheckpoint=4000"));
            Check(raw.sqlite3_prepare_v2(file, """
                INSERT INTO sample(t, series, dur, value, received, rev, flags, q, off)
                VALUES(?1, ?2, 0, ?3, ?4, 0, 0, NULL, NULL) ON CONFLICT DO NOTHING
                """, out var insert));
            using var _ = insert;
            var clock = Stopwatch.StartNew();
            for (var row = 0; row < rows;)
            {
                Check(raw.sqlite3_exec(file, "BEGIN IMMEDIATE"));
                for (var end = Math.Min(rows, row + rowsPerCommit); row < end; row++)
                {
                    var message = row / samples;
                    var t = Start + (((message / Series * samples) + (row % samples)) * 1_000L);
                    raw.sqlite3_bind_int64(insert, 1, t);
                    raw.sqlite3_bind_int64(insert, 2, (message % Series) + 1);
                    raw.sqlite3_bind_double(insert, 3, 60 + (row % 30));
                    raw.sqlite3_bind_int64(insert, 4, t);
                    Check(raw.sqlite3_step(insert), raw.SQLITE_DONE);
                    raw.sqlite3_reset(insert);
                }

                Check(raw.sqlite3_exec(file, "COMMIT"));
            }

            return rows / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static void Check(int result, int expected = raw.SQLITE_OK)
    {
        if (result != expected)
            throw new InvalidOperationException($"SQLite error {result}.");
    }
}
