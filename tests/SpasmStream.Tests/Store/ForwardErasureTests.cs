using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Commands;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>What waits of somebody who is erased goes too, and nothing else with it.</summary>
public sealed class ForwardErasureTests
{
    [Fact]
    public async Task S27_What_waits_to_be_forwarded_is_packed_anew_without_them()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "influx" });
        using var influx = new ModelInflux(store);
        await influx.DrainAsync();
        // Both in one commit, and so in one row.
        await store.AppendAsync([.. Enumerable.Range(0, 40).Select(i => Some.Message(
            $$"""{"v":1,"t":{{Some.Ms(7_000 + i)}},"bpm":{{(i % 2 == 0 ? FullStore.AnnasValue : 70)}}}""",
            topic: $"spasmstream/v1/in/{(i % 2 == 0 ? FullStore.Anna : FullStore.Ben)}/watch/heart-rate"))]);
        Assert.Equal("1|40", store.Row("SELECT count(*), sum(points) FROM forward"));
        await store.AppendAsync(Some.Message($$"""{"v":1,"t":{{Some.Ms(9_000)}},"bpm":70}""",
            topic: $"spasmstream/v1/in/{FullStore.Anna}/watch/heart-rate"));
        influx.Restart();
        var packed = Encoding.Latin1.GetString([.. BitConverter.GetBytes(FullStore.AnnasValue)]);
        Assert.NotEmpty(Found(store, packed));

        var report = await new WearerErasure(
            FullStore.SettingsOf(store), TimeProvider.System, broker: null)
            .RunAsync(new WearerId(FullStore.Anna), TestContext.Current.CancellationToken);

        Assert.Equal(21, report.Parts.Single(part => part.Store == "forward").Rows);
        Assert.Equal("1|20", store.Row("SELECT count(*), sum(points) FROM forward"));
        Assert.Empty(Found(store, packed));
        ModelInflux.AssertAddsUp(store);
        using var after = new ModelInflux(store);
        await after.DrainAsync();
        Assert.Equal(20, after.Held.Count());
        Assert.All(after.Held, row => Assert.StartsWith(
            FullStore.Pseudonym(store, FullStore.Ben), row, StringComparison.Ordinal));
    }

    static IReadOnlyList<LeftOver> Found(TempStore store, string text) =>
        new LeftOverSearch(text).In(store.Options.Directory);
}
