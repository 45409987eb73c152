using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Intake;

namespace SpasmStream.SystemTests.Contract;

/// <summary>What is asked for at an external broker, and what is taken back.</summary>
public sealed class SubscriptionTests
{
    // QoS 1, and what is retained only where the subscription is new.
    const int Options = 0x11;

    [Fact]
    public async Task M9_Each_filter_has_a_packet_of_its_own_and_all_are_asked_for_again_after_every_connect()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        rig.Options.Filters.AddRange(["a/#", "b/+/c"]);
        await rig.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            using var link = await rig.During(broker.WelcomeAsync(sessionPresent: i > 0));
            Assert.Equal(Subscribe("a/#"), await rig.During(ScriptedBroker.AnswerAsync(link, 1)));
            Assert.Equal(Subscribe("b/+/c"), await rig.During(ScriptedBroker.AnswerAsync(link, 1)));
            await rig.UntilConnectedAsync();
        }
    }

    [Fact]
    public async Task M9_What_the_configuration_no_longer_has_is_taken_back_from_the_session_that_has_it()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        rig.Options.Filters.AddRange(["a/#", "b/#"]);
        await rig.StartAsync();
        using (var link = await rig.During(broker.WelcomeAsync()))
        {
            await rig.During(ScriptedBroker.AnswerAsync(link, 1));
            await rig.During(ScriptedBroker.AnswerAsync(link, 1));
            await rig.UntilConnectedAsync();
            await rig.StopAsync();
        }

        rig.Options.Filters.Remove("a/#");
        await rig.StartAsync();
        // The first time the broker does not do it, so it is asked again.
        foreach (var code in new[] { 0x87, 0 })
        {
            using var link = await rig.During(broker.WelcomeAsync(sessionPresent: true));
            Assert.Equal(Subscribe("b/#"), await rig.During(ScriptedBroker.AnswerAsync(link, 1)));
            Assert.Equal(new Request(ScriptedBroker.UnsubscribeType, "a/#", 0),
                await rig.During(ScriptedBroker.AnswerAsync(link, code)));
            await rig.UntilConnectedAsync();
        }

        Assert.Equal(["[\"b/#\"]"], await rig.RowsAsync(
            "SELECT filters FROM broker_session WHERE filters NOT LIKE '%a/#%'", 1));
        using var last = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();
    }

    [Fact]
    public async Task F09_Of_a_denied_filter_the_others_flow_health_says_so_and_it_is_asked_for_every_minute()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        rig.Options.Filters.AddRange(["a/#", "b/#"]);
        await rig.StartAsync();
        using var link = await rig.During(broker.WelcomeAsync());
        await rig.During(ScriptedBroker.AnswerAsync(link, 1));
        await rig.During(ScriptedBroker.AnswerAsync(link, 0x87));

        await rig.UntilAsync(() => rig.State.Report.Link == IntakeLink.Connected, "connected");
        var began = rig.Time.GetTimestamp();
        Assert.False(rig.State.Listening);
        // By its place: a filter may name a wearer.
        Assert.Contains("NotAuthorized (Mqtt:Filters:1)", rig.State.Words(), StringComparison.Ordinal);

        Assert.Equal(Subscribe("b/#"), await rig.During(AnswerNextAsync(link, 0x87)));
        Assert.InRange(rig.Time.GetElapsedTime(began).TotalSeconds, 59, 90);
        Assert.False(rig.State.Listening);
        Assert.Equal(Subscribe("b/#"), await rig.During(AnswerNextAsync(link, 1)));
        await rig.UntilConnectedAsync();
        Assert.Equal(1, broker.Connects);
    }

    [Fact]
    public async Task M9_Where_every_filter_is_denied_we_are_refused()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        using var link = await rig.During(broker.AcceptAsync(suback: 0x87));

        Assert.Contains("subscription NotAuthorized", await rig.RefusalAsync(), StringComparison.Ordinal);
    }

    static Request Subscribe(string filter) => new(ScriptedBroker.SubscribeType, filter, Options);

    // Fake time runs through keep-alives: whoever is silent is torn down.
    static async Task<Request> AnswerNextAsync(RawMqtt link, int code) =>
        await ScriptedBroker.AnswerAsync(link, code);
}
