using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class SqliteHistoryTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(90)]
    public async Task One_wearers_samples_are_the_same_whoever_else_has_some_at_the_same_instants(int others)
    {
        using var store = new TempStore();
        var series = new Series("watch", Signal.HeartRate, Stat.Raw, "");
        await store.RunAsync(session =>
        {
            for (var wearer = 0; wearer <= others; wearer++)
            {
                var id = session.Names.Series(
                    session.Names.Wearer(new WearerId($"w{wearer}"), Some.Start), series);
                for (var second = 0; second < 200; second++)
                    session.Samples.Put(id, Some.Sample(wearer, received: second, second: second * 30));
                // One that lost, and one that reaches in from before.
                session.Samples.Put(id, Some.Sample(-1, received: 500, rev: -1, second: 3_600));
                session.Samples.Put(id, Some.Sample(wearer, received: 0, second: 3_570) with
                {
                    Duration = Duration.FromMinutes(10),
                });
            }

            return 0;
        });
        using var history = new SqliteHistory(store.File, null);

        var samples = history.Samples(new WearerId("w2"), Some.Start + Duration.FromHours(1),
            Some.Start + Duration.FromSeconds(5_000), Some.Start + Duration.FromSeconds(10));

        Assert.Equal([3_570, .. Enumerable.Range(120, 47).Select(i => i * 30)],
            samples.Select(sample => (int)(sample.Start - Some.Start).TotalSeconds));
        Assert.All(samples, sample => Assert.Equal(2, sample.Value));
    }
}
