using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Assess;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Marks of what was forwarded, while another program locks the file.</summary>
public sealed class ForwardMarkTests
{
    [Fact(Timeout = 60_000)]
    public async Task F35_What_says_nothing_is_marked_after_what_the_file_would_not_take_yet()
    {
        var stop = TestContext.Current.CancellationToken;
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using (var influx = new ModelInflux(store))
            await influx.DrainAsync();
        await store.AppendAsync(Some.Bpm(0, 60));
        // Of nothing that anybody knows: a row without a point.
        await store.AppendAsync(Some.Message("""{"v":1,"id":"a","rev":2,"op":"delete"}""",
            topic: "spasmstream/v1/in/ada/diary/episode"));
        Assert.Equal(["1|1", "2|1"], store.Rows("SELECT id, points FROM forward ORDER BY id"));
        store.Close();
        var time = new FakeTimeProvider();
        using var writer = new StoreWriter(
            store.File, store.Options, TimeProvider.System, StoreDoor.Build(time, NullLogger.Instance));
        using var queue = new ForwardQueue(store.File, writer, Said.Reader(), SampleWriting.Of);
        await writer.RunAsync(session =>
        {
            session.Execute("PRAGMA busy_timeout=0");
            return true;
        }, stop);
        var batch = (await queue.TakeAsync(1, stop))!;
        var other = store.LockFile();
        var marking = queue.ForwardedAsync(batch, [], stop);
        while (writer.CanCommit)
            await Task.Delay(1, stop);
        other.Dispose();

        // It waits to be tried again, on a clock that stands still, and the file is open to the next one.
        var following = queue.TakeAsync(1, stop);
        while (!following.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1, stop);
        }

        Assert.Null(await following);
        await marking;
        Assert.Equal("0", store.Row("SELECT count(*) FROM forward"));
        ModelInflux.AssertAddsUp(store);
    }
}
