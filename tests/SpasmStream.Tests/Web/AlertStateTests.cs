using SpasmStream.Tests.Notify;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Web;

/// <summary>What the page says of an alert that goes out by several channels.</summary>
public sealed class AlertStateTests
{
    [Theory]
    [InlineData("pending", "pending", AlertState.Pending)]
    [InlineData("pending", "delivered", AlertState.Sent)]
    [InlineData("expired", "delivered", AlertState.Sent)]
    [InlineData("expired", "sending", AlertState.Pending)]
    [InlineData("expired", "expired", AlertState.Expired)]
    [InlineData("late", "late", AlertState.Expired)]
    public async Task An_alert_is_sent_once_any_channel_has_it(string one, string other, AlertState state)
    {
        using var store = new TempStore();
        await SaveAsync(store, OutChannel.Mqtt, new OutChannel("phone"));
        await store.RunAsync(session => session.Execute(
            "UPDATE outbox SET state=CASE channel WHEN 'mqtt' THEN $a ELSE $b END",
            ("$a", one), ("$b", other)));

        Assert.Equal(state, Shown(store));
    }

    [Fact]
    public async Task With_no_channel_at_all_the_page_is_where_it_is_told()
    {
        using var store = new TempStore();
        await SaveAsync(store);

        Assert.Equal(AlertState.Sent, Shown(store));
    }

    static AlertState? Shown(TempStore store) => new TodayQueries(store.File,
        new WearerDirectory([], admitsStrangers: true), EntryReading.With(new WireDecoder()))
        .Wearers(News.Issued).Single().Alert?.State;

    static Task<int> SaveAsync(TempStore store, params OutChannel[] channels) => store.RunAsync(session =>
    {
        Assessing.Save(session, News.Anna, new AssessedStep
        {
            KnownAt = News.Issued,
            Replayed = false,
            Assessment = News.Assessed(News.Raised()),
        }, channels);
        return 0;
    });
}
