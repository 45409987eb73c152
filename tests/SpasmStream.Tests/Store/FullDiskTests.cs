using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>A disk with no room at all, as SQLite tells of it.</summary>
public sealed class FullDiskTests
{
    [Fact(Timeout = 60_000)]
    public async Task F33_While_the_disk_is_full_nothing_is_acknowledged_and_then_all_of_it()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TempStore();
        var time = new FakeTimeProvider();
        using var writer = new StoreWriter(
            folder.File, folder.Options, TimeProvider.System, StoreDoor.Build(time, NullLogger.Instance));
        var options = Options.Create(new IntakeOptions());
        var queue = new DeliveryQueue(options, new ArrivalClock(TimeProvider.System));
        using var assess = new AssessQueue();
        var committed = new CommitSignal();
        using var pipeline = new Pipeline(
            queue, new WireDecoder(), new WearerDirectory([], admitsStrangers: true),
            new SqliteJournal(writer), assess, committed,
            options, new Heartbeats(time));
        var full = await writer.RunAsync(session => session.Scalar<long>("PRAGMA page_count"), stop);
        await writer.RunAsync(session => session.Scalar<long>($"PRAGMA max_page_count={full + 8}"), stop);
        var acknowledged = 0;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        // Column upon column: far more than eight pages hold.
        for (var i = 0; i < 20; i++)
            Assert.True(queue.TryAdd(Some.Message(
                $$"""{"v":1,"t0":{{now - (i + 1) * 600_000}},"step":1000,"bpm":[{{Minutes(i)}}]}""") with
                {
                    Qos = 1,
                    Acknowledge = (run, _) => Interlocked.Add(ref acknowledged, run.Length),
                }));
        // Started with all of it there: the first column alone, in a batch of its own, would still fit.
        await pipeline.StartAsync(stop);
        while (writer.CanCommit)
            await Task.Delay(1, stop);

        Assert.Equal(0, acknowledged);
        Assert.Equal("0", folder.Row("SELECT count(*) FROM sample"));
        var others = writer.RunAsync(
            session => session.Scalar<long>($"PRAGMA max_page_count={full + 100_000}"), stop);
        while (Volatile.Read(ref acknowledged) < 20)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1, stop);
        }

        await others;
        Assert.True(writer.CanCommit);
        Assert.Equal("12000", folder.Row("SELECT count(*) FROM sample"));
        await pipeline.StopAsync(stop);
    }

    [Fact(Timeout = 60_000)]
    public async Task F33_A_small_commit_that_still_fits_does_not_hide_that_a_large_one_waits()
    {
        var stop = TestContext.Current.CancellationToken;
        using var folder = new TempStore();
        var time = new FakeTimeProvider();
        using var writer = new StoreWriter(
            folder.File, folder.Options, TimeProvider.System, StoreDoor.Build(time, NullLogger.Instance));
        using var gaveUp = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var full = await writer.RunAsync(session => session.Scalar<long>("PRAGMA page_count"), stop);
        await writer.RunAsync(session => session.Scalar<long>($"PRAGMA max_page_count={full}"), stop);
        var large = writer.RunAsync(Large, stop);
        var other = writer.RunAsync(Large, gaveUp.Token);
        while (writer.CanCommit)
            await Task.Delay(1, stop);

        for (var i = 0; i < 3; i++)
        {
            await writer.RunAsync(Small, stop);
            Assert.False(writer.CanCommit);
        }

        await writer.RunAsync(session => session.Scalar<long>($"PRAGMA max_page_count={full + 1_000}"), stop);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
        Assert.False(writer.CanCommit);
        while (!large.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1, stop);
        }

        await large;
        Assert.True(writer.CanCommit);

        static int Large(WriteSession session) =>
            session.Execute("INSERT INTO counter VALUES(hex(zeroblob(200000)), 1)");
        static int Small(WriteSession session) =>
            session.Execute("INSERT OR REPLACE INTO counter VALUES('small', 1)");
    }

    static string Minutes(int i) =>
        string.Join(',', Enumerable.Range(0, 600).Select(second => 60 + (second + i) % 30));
}
