using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class ErasedWearersTests
{
    static readonly WearerId _ada = new("ada");

    [Fact]
    public async Task S27_Nothing_of_an_erased_wearer_comes_back_and_nothing_of_the_message_is_kept()
    {
        using var store = new TempStore();
        await store.RunAsync(session => Erase(session, _ada));

        var outcomes = await store.AppendAsync(Some.Bpm(0, 60), Some.Message("not json"));

        Assert.All(outcomes, outcome => Assert.Equal("unauthorised", outcome.Reason));
        Assert.Equal("2|2|0|0|0|0", store.Row("""
            SELECT (SELECT value FROM counter WHERE name='MessagesErased'),
                (SELECT value FROM counter WHERE name='MessagesReceived'),
                (SELECT count(*) FROM wearer), (SELECT count(*) FROM sample),
                (SELECT count(*) FROM dead_letter), (SELECT count(*) FROM dead_payload)
            """));
        Assert.Equal("32|16", store.Row("SELECT length(hash), length(salt) FROM erased"));
    }

    [Fact]
    public async Task S27_Also_a_message_that_is_refused_for_its_surroundings_is_not_kept()
    {
        using var store = new TempStore();
        await store.RunAsync(session => Erase(session, _ada));
        var refused = Arrival.Of(Some.Bpm(0, 60), new Decoded { Wearer = _ada, Device = "watch" },
            new WearerDirectory([], admitsStrangers: false));

        await store.RunAsync(session => Appending.Run(session, [refused]));

        Assert.Equal("0", store.Row("SELECT count(*) FROM dead_letter"));
    }

    [Fact]
    public async Task A_wearer_who_is_added_again_is_taken_in_and_others_always_were()
    {
        using var store = new TempStore();
        await store.RunAsync(session => Erase(session, _ada) && Erase(session, new WearerId("bob")));
        Assert.Equal("2", store.Row("SELECT count(*) FROM erased"));

        Assert.True(await store.RunAsync(session => session.Erased.Remove(_ada)));
        Assert.False(await store.RunAsync(session => session.Erased.Remove(_ada)));

        Assert.Null(Assert.Single(await store.AppendAsync(Some.Bpm(0, 60))).Reason);
        Assert.Equal("1", store.Row("SELECT count(*) FROM erased"));
    }

    [Fact]
    public async Task An_erasure_that_was_rolled_back_is_forgotten()
    {
        using var store = new TempStore();
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.RunAsync<bool>(session =>
        {
            Erase(session, _ada);
            Assert.True(session.Erased.Contains(_ada));
            throw new InvalidOperationException("rolled back");
        }));

        Assert.Null(Assert.Single(await store.AppendAsync(Some.Bpm(0, 60))).Reason);
    }

    static bool Erase(WriteSession session, WearerId wearer)
    {
        session.Erased.Add(wearer, Some.Start);
        session.Erased.Add(wearer, Some.Start);
        return true;
    }
}
