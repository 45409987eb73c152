using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Notify;

namespace SpasmStream.SystemTests.Contract;

/// <summary>When and how the next connection to an external broker is made.</summary>
public sealed class ReconnectTests
{
    [Fact]
    public async Task M7_A_shorter_keep_alive_of_the_broker_is_taken_over_by_one_more_connection()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();

        using var first = await rig.During(broker.WelcomeAsync(serverKeepAlive: 7));
        Assert.Equal(30, broker.KeepAlive);
        Assert.Equal(RawMqtt.DisconnectType, (await rig.During(first.ReadAsync()))?.Type);
        using var second = await rig.During(broker.WelcomeAsync(serverKeepAlive: 7));
        Assert.Equal(7, broker.KeepAlive);
        await rig.During(ScriptedBroker.AnswerAsync(second, 1));

        await rig.UntilConnectedAsync();
        Assert.Equal(2, broker.Connects);
    }

    [Fact]
    public async Task F13_At_a_real_broker_that_wants_ten_seconds_both_connections_come_back_with_ten()
    {
        await using var broker = await MosquittoBroker.StartAsync(
            new MosquittoSettings { MaxKeepAlive = 10 });
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        await rig.UntilConnectedAsync();
        using var outgoing = new OutConnection(
            new OutTarget("127.0.0.1", broker.Port, "out", null, null, null));
        Assert.True(await outgoing.OpenAsync(TestContext.Current.CancellationToken));

        // c1: a session kept, k: the keep-alive that the broker goes by.
        Assert.Equal(["k30", "k10"], KeepAlives(broker, "spasmstream"));
        Assert.Equal(["k30", "k10"], KeepAlives(broker, "out"));
        Assert.True(outgoing.IsOpen);
        Assert.True(rig.State.Listening);
    }

    [Theory]
    [InlineData(0x86, true, "BadUserNameOrPassword")]
    [InlineData(0x87, true, "NotAuthorized")]
    [InlineData(0x8A, true, "Banned")]
    [InlineData(0x88, false, "ServerUnavailable")]
    [InlineData(0x97, false, "QuotaExceeded")]
    public async Task F08_A_refusal_is_told_with_its_reason_and_credentials_are_not_tried_again_soon(
        int code, bool credentials, string reason)
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        using var first = await rig.During(broker.WelcomeAsync(code));
        await rig.UntilAsync(() => rig.State.Report is { Link: IntakeLink.Refused, Reason.Length: > 0 },
            "told");
        var began = rig.Time.GetTimestamp();

        Assert.Contains(reason, rig.State.Report.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, rig.State.Words(), StringComparison.Ordinal);
        using var second = await rig.During(broker.AcceptAsync());

        await rig.UntilConnectedAsync();
        if (credentials)
            Assert.True(rig.Time.GetElapsedTime(began) >= TimeSpan.FromSeconds(29));
    }

    [Fact]
    public async Task M8_Three_connections_cut_before_the_subscription_are_flapping_and_the_fourth_waits()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        for (var i = 0; i < 3; i++)
            (await rig.During(broker.WelcomeAsync())).Dispose();

        await rig.UntilAsync(() => rig.State.Report.Link == IntakeLink.Flapping, "flapping");
        var began = rig.Time.GetTimestamp();
        Assert.Contains("flapping", rig.State.Words(), StringComparison.Ordinal);
        using var fourth = await rig.During(broker.AcceptAsync());

        await rig.UntilConnectedAsync();
        Assert.True(rig.Time.GetElapsedTime(began) >= TimeSpan.FromSeconds(29));
    }

    [Fact]
    public async Task F12_Thrown_out_right_after_every_subscription_it_does_not_storm()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        var began = rig.Time.GetTimestamp();
        var sawFlapping = false;
        var times = new List<TimeSpan>();
        for (var i = 0; i < 8; i++)
        {
            var accepting = broker.AcceptAsync();
            await rig.UntilAsync(() =>
            {
                sawFlapping |= rig.State.Report.Link == IntakeLink.Flapping;
                return accepting.IsCompleted;
            }, "connected again");
            times.Add(rig.Time.GetElapsedTime(began));
            (await accepting).Dispose();
        }

        Assert.True(sawFlapping);
        // The seventh is in the second minute, as far as the broker can see.
        Assert.True(times[6] - times[0] >= TimeSpan.FromSeconds(55), string.Join(' ', times));
    }

    [Fact]
    public async Task D17_A_line_that_is_silent_for_two_keep_alives_is_torn_down()
    {
        using var broker = new ScriptedBroker();
        await using var rig = new IntakeRig(broker.Port);
        await rig.StartAsync();
        using var link = await rig.During(broker.AcceptAsync());
        await rig.UntilConnectedAsync();

        rig.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.True(rig.State.Listening);
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        using var next = await rig.During(broker.AcceptAsync());

        await rig.UntilConnectedAsync();
    }

    static List<string> KeepAlives(MosquittoBroker broker, string client) => [.. broker.Process.Output
        .Split('\n')
        .Where(line => line.Contains("New client connected", StringComparison.Ordinal)
            && line.Contains($" as {client} ", StringComparison.Ordinal))
        .Select(line => line.Split('(')[1].Split(',', ')').Select(part => part.Trim())
            .First(part => part.StartsWith('k')))];
}
