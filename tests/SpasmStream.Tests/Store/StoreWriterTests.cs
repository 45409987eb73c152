using SpasmStream.Worker;
using SpasmStream.Worker.Store;
using SQLitePCL;

namespace SpasmStream.Tests.Store;

public sealed class StoreWriterTests
{
    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("busy_timeout", "5000")]
    [InlineData("foreign_keys", "1")]
    [InlineData("secure_delete", "1")]
    public async Task D1_The_connection_that_writes_has_the_pragmas_of_the_contract(string pragma,
        string value)
    {
        using var store = new TempStore();

        Assert.Equal(value, await store.RunAsync(session => Scalar(session, $"PRAGMA {pragma}")));
    }

    [Fact]
    public async Task D1_Sqlite_has_no_bug_in_resetting_its_log()
    {
        using var store = new TempStore();

        var version = await store.RunAsync(session => Scalar(session, "SELECT sqlite_version()"));

        Assert.True(Version.Parse(version) >= new Version(3, 51, 3), version);
    }

    [Fact]
    public async Task D1_All_writing_happens_on_one_connection_and_one_thread_of_its_own()
    {
        using var store = new TempStore();
        var mine = Environment.CurrentManagedThreadId;

        var seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => store.RunAsync(session =>
            (session.Connection, Environment.CurrentManagedThreadId,
                Thread.CurrentThread.IsThreadPoolThread))));

        Assert.Single(seen.Distinct());
        Assert.NotEqual(mine, seen[0].CurrentManagedThreadId);
        Assert.False(seen[0].IsThreadPoolThread);
    }

    [Fact(Timeout = 30_000)]
    public async Task F44_A_writer_that_ends_tells_whoever_waits_and_whoever_comes()
    {
        using var store = new TempStore();
        var writer = store.Writer;
        // In the middle of a job the file goes: taking back what was begun fails too.
        var broken = writer.RunAsync(session =>
        {
            session.Connection.Close();
            return 0;
        }, TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<Exception>(() => broken);

        while (Record.Exception(writer.ThrowIfEnded) is null)
            await Task.Yield();
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.RunAsync(_ => 0));
    }

    [Fact]
    public async Task D10_What_a_locked_file_refuses_after_nobody_waits_any_more_is_no_fault()
    {
        using var store = new TempStore();
        using var stop = new CancellationTokenSource();

        var given = store.Writer.RunAsync<int>(_ =>
        {
            stop.Cancel();
            throw new Microsoft.Data.Sqlite.SqliteException("database is locked", raw.SQLITE_BUSY);
        }, stop.Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        // Another fault is one, whoever waits.
        await Assert.ThrowsAsync<InvalidDataException>(() => store.Writer.RunAsync<int>(
            _ => throw new InvalidDataException("no"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task D1_A_reader_cannot_write()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));

        var refused = Assert.ThrowsAny<Microsoft.Data.Sqlite
            .SqliteException>(() => store.Rows("DELETE FROM sample"));

        Assert.Equal(raw.SQLITE_READONLY, refused.SqliteErrorCode);
        Assert.Equal("1", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task D2_Jobs_that_wait_together_share_one_commit()
    {
        using var store = new TempStore();
        var commits = await CountCommitsAsync(store);
        using var open = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var first = store.RunAsync(session =>
        {
            begun.Set();
            open.Wait();
            return 0;
        });
        begun.Wait(TestContext.Current.CancellationToken);

        var others = Enumerable.Range(0, 60).Select(i => store.AppendAsync(Some.Bpm(i, 60))).ToList();
        open.Set();
        await first;
        await Task.WhenAll(others);

        Assert.Equal(2, commits.Count);
        Assert.Equal("60", store.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task D2_A_job_that_comes_alone_is_committed_alone_and_waits_for_nothing_more()
    {
        using var store = new TempStore();
        var commits = await CountCommitsAsync(store);

        for (var i = 1; i <= 5; i++)
        {
            await store.AppendAsync(Some.Bpm(i, 60));
            Assert.Equal(i, commits.Count);
            Assert.Equal($"{i}", store.Row("SELECT count(*) FROM sample"));
        }
    }

    [Fact]
    public async Task A_job_that_fails_fails_alone_and_leaves_nothing()
    {
        using var store = new TempStore();
        using var open = new ManualResetEventSlim();
        var first = store.RunAsync(_ => open.Wait(TimeSpan.FromSeconds(30)));
        var good = store.AppendAsync(Some.Bpm(1, 60));
        var bad = store.RunAsync<int>(session =>
        {
            Appending.Run(session,
                [new Arrival(Some.Bpm(2, 60), new Decoded { Rejections = [new Rejection("x", "y")] })]);
            throw new InvalidOperationException("no");
        });
        var other = store.AppendAsync(Some.Bpm(3, 60));
        open.Set();

        await Task.WhenAll(first, good, other);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("0", store.Row("SELECT count(*) FROM dead_letter"));
        Assert.Equal("2", store.Row("SELECT value FROM counter WHERE name='MessagesReceived'"));
    }

    [Fact]
    public async Task D3_What_a_job_wrote_is_readable_by_others_before_its_task_completes()
    {
        using var store = new TempStore();

        for (var i = 1; i <= 50; i++)
        {
            var done = store.AppendAsync(Some.Bpm(i, 60));
            await done.ContinueWith(_ => Assert.Equal($"{i}", store.Row("SELECT count(*) FROM sample")),
                TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    [Fact]
    public async Task D4_A_locked_file_is_waited_for_and_the_wait_has_an_end()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        using var other = store.LockFile();

        var busy = await Assert.ThrowsAsync<Microsoft.Data.Sqlite
            .SqliteException>(() => store.AppendAsync(Some.Bpm(1, 60)));
        Assert.Equal(raw.SQLITE_BUSY, busy.SqliteErrorCode);

        other.Dispose();
        await store.AppendAsync(Some.Bpm(1, 60));
        Assert.Equal("2", store.Row("SELECT count(*) FROM sample"));
    }

    static string Scalar(WriteSession session, string sql)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!.ToString()!;
    }

    /// <summary>Counts on the writer's own connection, where SQLite itself tells of every commit.</summary>
    static async Task<Commits> CountCommitsAsync(TempStore store)
    {
        var commits = new Commits();
        await store.RunAsync(session =>
        {
            raw.sqlite3_commit_hook(session.Connection.Handle!, _ => commits.Add(), null);
            return 0;
        });
        commits.Reset();
        return commits;
    }

    sealed class Commits
    {
        int _count;

        public int Count => Volatile.Read(ref _count);

        public int Add()
        {
            Interlocked.Increment(ref _count);
            return 0;
        }

        public void Reset() => Volatile.Write(ref _count, 0);
    }
}
