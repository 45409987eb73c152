using Microsoft.Extensions.Logging.Abstractions;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class NameCapsTests : IDisposable
{
    readonly TempStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task B45_Ten_thousand_devices_are_twenty_and_those_go_on()
    {
        var outcomes = await _store.AppendAsync(
            [.. Enumerable.Range(0, 10_000).Select(i => Bpm(i, $"d{i}"))]);

        Assert.Equal(20, outcomes.Count(it => it.Reason is null));
        Assert.Equal("20", _store.Row("SELECT count(*) FROM series"));
        Assert.All(outcomes.Skip(20), it => Assert.Equal("cardinality", it.Reason));
        var again = await _store.AppendAsync(Bpm(20_000, "d7"), Bpm(20_001, "d4000"));
        Assert.Equal([null, "cardinality"], again.Select(it => it.Reason));
    }

    [Fact]
    public async Task B45_Devices_that_say_only_nights_or_that_they_are_there_count_too_also_after_a_restart()
    {
        await _store.AppendAsync([.. Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? Some.Message("online", topic: $"spasmstream/v1/in/ada/d{i}/status")
            : Some.Message($$"""{"v":1,"t":{{Some.Ms(0)}},"dur":600000}""",
                topic: $"spasmstream/v1/in/ada/d{i}/sleep"))]);
        _store.Close();

        var outcomes = await _store.AppendAsync(Bpm(0, "d20"), Bpm(0, "d3"),
            Some.Message($$"""{"v":1,"t":{{Some.Ms(0)}},"stress":3}""",
                topic: "spasmstream/v1/in/ada/diary/state"));

        Assert.Equal(["cardinality", null, null], outcomes.Select(it => it.Reason));
    }

    [Fact]
    public async Task B45_A_hundred_new_series_a_day_and_the_next_day_a_hundred_more()
    {
        Delivery Of(int i, int day) => Some.Message(
            $$"""{"v":1,"t":{{Some.Ms(i)}},"bpm":61,"src":"s{{i}}"}""", Some.Start + Duration.FromDays(day));

        var first = await _store.AppendAsync([.. Enumerable.Range(0, 300).Select(i => Of(i, 1))]);
        var known = await _store.AppendAsync(Of(50, 1));
        var second = await _store.AppendAsync([.. Enumerable.Range(100, 200).Select(i => Of(i, 2))]);

        Assert.Equal(100, first.Count(it => it.Reason is null));
        Assert.Null(known[0].Reason);
        Assert.Equal(100, second.Count(it => it.Reason is null));
        Assert.Equal("200", _store.Row("SELECT count(*) FROM series"));
    }

    [Fact]
    public async Task B45_Of_ten_thousand_wearers_a_thousand_are_taken_in()
    {
        var outcomes = await _store.AppendAsync([.. Enumerable.Range(0, 10_000).Select(i =>
            Some.Message($$"""{"v":1,"t":{{Some.Ms(0)}},"bpm":61}""",
                topic: $"spasmstream/v1/in/w{i}/watch/heart-rate"))]);

        Assert.Equal(1_000, outcomes.Count(it => it.Reason is null));
        Assert.Equal("1000", _store.Row("SELECT count(*) FROM wearer"));
    }

    [Theory]
    [InlineData("x", "json")]
    [InlineData("""[{"v":1,"t":1,"bpm":60}]""", "timestamp")]
    [InlineData("""{"v":1,"t0":1773003600000,"dt":[0],"bpm":[null]}""", null)]
    public async Task B45_Strangers_of_whom_nothing_is_kept_are_no_wearers(string payload, string? reason)
    {
        var outcomes = await _store.AppendAsync([.. Enumerable.Range(0, 1_100).Select(i =>
            Some.Message(payload, topic: $"spasmstream/v1/in/w{i}/watch/heart-rate"))]);

        Assert.All(outcomes, it => Assert.Equal(reason, it.Reason));
        Assert.Equal("0|0", _store.Row(
            "SELECT (SELECT count(*) FROM wearer), (SELECT count(pseudonym) FROM dead_letter)"));
        Assert.Null(Assert.Single(await _store.AppendAsync(Bpm(0, "watch"))).Reason);
        // Of somebody who is known it is told whose it was meant to be.
        await _store.AppendAsync(Some.Message("no json either"));
        Assert.Equal(_store.Row("SELECT pseudonym FROM wearer"),
            _store.Row("SELECT pseudonym FROM dead_letter ORDER BY id DESC LIMIT 1"));
    }

    [Fact]
    public async Task B45_What_is_replayed_has_no_limit()
    {
        var outcomes = await _store.AppendAsync(
            [.. Enumerable.Range(0, 50).Select(i => Bpm(i, $"d{i}") with { Replayed = true })]);

        Assert.All(outcomes, it => Assert.Null(it.Reason));
    }

    [Fact]
    public async Task B45_A_transaction_that_failed_uses_up_nothing()
    {
        for (var attempt = 0; attempt < 3; attempt++)
            await Assert.ThrowsAsync<InvalidOperationException>(() => _store.RunAsync<int>(session =>
            {
                Appending.Run(session, [.. Enumerable.Range(0, 20).Select(i => Read(Bpm(i, $"d{i}")))]);
                throw new InvalidOperationException();
            }));

        var outcomes = await _store.AppendAsync([.. Enumerable.Range(0, 20).Select(i => Bpm(i, $"d{i}"))]);

        Assert.All(outcomes, it => Assert.Null(it.Reason));
    }

    [Fact]
    public async Task B45_Names_without_end_leave_one_security_event()
    {
        var log = new SecurityLog(_store.Options.Directory);
        var time = new SteppedTime(Some.Start);
        var journal = new SqliteJournal(
            _store.Writer, caps: new CapEvents(log, time, NullLogger<CapEvents>.Instance));

        for (var i = 0; i < 300; i += 30)
            await journal.AppendAsync(
                [.. Enumerable.Range(i, 30).Select(n => Read(Bpm(n, $"d{n}")))], default,
                CancellationToken.None);

        var told = Assert.Single(log.Read());
        Assert.Equal(("worker", "denied", "cardinality"), (told.Actor, told.Action, told.Detail));
    }

    static Delivery Bpm(int second, string device) => Some.Message(
        $$"""{"v":1,"t":{{Some.Ms(second)}},"bpm":61}""",
        topic: $"spasmstream/v1/in/ada/{device}/heart-rate");

    static Arrival Read(Delivery delivery) => new(delivery, new WireDecoder().Decode(
        delivery.Topic, delivery.Payload, delivery.Received, DecodeLimits.AnyTime));
}
