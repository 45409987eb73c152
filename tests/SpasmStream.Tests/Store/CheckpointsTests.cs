using Microsoft.Data.Sqlite;
using SpasmStream.Tests.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class CheckpointsTests : IDisposable
{
    readonly TempStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task D1_The_writer_alone_writes_the_log_back_and_SQLite_does_it_in_no_commit()
    {
        var threads = new List<int>();
        _store.Writer.Checkpoints.Watch = _ => threads.Add(Environment.CurrentManagedThreadId);

        var mine = await _store.RunAsync(session => (session.Scalar<int>("PRAGMA wal_autocheckpoint"),
            Environment.CurrentManagedThreadId));
        for (var i = 0; i < 3; i++)
            await _store.RunAsync(session => Grow(session.Connection, Checkpoints.Pages));
        await _store.RunAsync(session => Grow(session.Connection, 1));

        Assert.Equal(0, mine.Item1);
        Assert.Equal([mine.CurrentManagedThreadId], threads.Distinct());
        Assert.Equal(3, threads.Count);
        Assert.True(new FileInfo(_store.File.Path).Length > 3 * Checkpoints.Pages * 4096L);
        Assert.True(_store.Writer.Checkpoints.LogBytes < Checkpoints.Pages * 4096L);
    }

    [Fact(Timeout = 60_000)]
    public async Task S28_Who_waits_for_a_commit_does_not_wait_for_the_checkpoint_after_it()
    {
        using var open = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        _store.Writer.Checkpoints.Watch = _ =>
        {
            begun.Set();
            open.Wait();
        };

        await _store.RunAsync(session => Grow(session.Connection, Checkpoints.Pages));
        begun.Wait(TestContext.Current.CancellationToken);
        var behind = _store.AppendAsync(Some.Bpm(0, 60));
        Assert.Equal("0", _store.Row("SELECT count(*) FROM sample"));
        Assert.False(behind.IsCompleted);
        open.Set();

        await behind;
        Assert.Equal("1", _store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public void F41_A_long_reader_lets_the_log_grow_and_is_told_of_once()
    {
        var log = new LogLines<StoreWriter>();
        using var writer = _store.File.OpenWriter();
        var checkpoints = new Checkpoints(writer, log, longBytes: 10 << 20);
        Grow(writer, 1);
        var reader = _store.File.OpenReader();
        Execute(reader, "BEGIN");
        Execute(reader, "SELECT count(*) FROM dead_payload");
        var tries = 0;
        checkpoints.Watch = _ => tries++;

        for (var i = 0; i < 80; i++)
        {
            Grow(writer, Checkpoints.Pages / 10);
            checkpoints.AfterCommit();
        }

        Assert.True(checkpoints.LogBytes > 30 << 20);
        // Not at each of the 80 commits: only as often as without a reader.
        Assert.InRange(tries, 2, checkpoints.LogBytes / (Checkpoints.Pages * 4096L) + 1);
        Assert.Contains("End it", Assert.Single(log.Lines));
        reader.Dispose();
        checkpoints.WhenIdle();
        Grow(writer, 1);
        checkpoints.AfterCommit();
        Assert.True(checkpoints.LogBytes < 1 << 20);
        Assert.True(new FileInfo(_store.File.Path + "-wal").Length <= Checkpoints.KeptBytes);
        Assert.Single(log.Lines);
    }

    [Fact]
    public void F33_A_checkpoint_that_fails_loses_nothing_and_is_made_later()
    {
        var log = new LogLines<StoreWriter>();
        using var writer = _store.File.OpenWriter();
        var checkpoints = new Checkpoints(writer, log);
        Grow(writer, Checkpoints.Pages);
        byte[] kept;
        // The log's second half is gone from under SQLite, as on a disk that cannot be read for a while.
        using (var file = new FileStream(_store.File.Path + "-wal", FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite))
        {
            kept = new byte[file.Length];
            file.ReadExactly(kept);
            file.SetLength(kept.Length / 2);
        }

        checkpoints.AfterCommit();
        checkpoints.AfterCommit();
        Assert.Contains("Nothing is lost", Assert.Single(log.Lines));
        Assert.Equal(StoreFile.CheckpointPages, Scalar(writer, "PRAGMA wal_autocheckpoint"));
        using (var file = new FileStream(_store.File.Path + "-wal", FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite))
            file.Write(kept);
        checkpoints.WhenIdle();

        Assert.Equal(0, Scalar(writer, "PRAGMA wal_autocheckpoint"));
        Assert.Single(log.Lines);
        Assert.Equal(Checkpoints.Pages, Scalar(writer, "SELECT count(*) FROM dead_payload"));
        Assert.Empty(_store.File.Faults(quick: false));
        Assert.True(new FileInfo(_store.File.Path).Length > Checkpoints.Pages * 4096L);
    }

    [Fact]
    public void D1_At_rest_a_short_log_stays_and_a_longer_one_is_written_back()
    {
        using var writer = _store.File.OpenWriter();
        var checkpoints = new Checkpoints(writer);
        var tries = 0;
        checkpoints.Watch = _ => tries++;
        Execute(writer, "PRAGMA wal_checkpoint(PASSIVE)");

        Grow(writer, Checkpoints.IdlePages / 4);
        checkpoints.AfterCommit();
        checkpoints.WhenIdle();
        Assert.Equal(0, tries);
        Grow(writer, Checkpoints.IdlePages);
        checkpoints.AfterCommit();
        checkpoints.WhenIdle();
        checkpoints.WhenIdle();

        Assert.Equal(1, tries);
    }

    /// <summary>Rows of a page each, in one transaction.</summary>
    static int Grow(SqliteConnection connection, int pages) => Execute(connection, $"""
        INSERT INTO dead_payload WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<{pages})
            SELECT randomblob(16), randomblob(3000) FROM n
        """);

    static int Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    static int Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt32(command.ExecuteScalar());
    }
}
