using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Hosting;

/// <summary>What comes in while the machine's clock is months ahead, and afterwards.</summary>
public sealed class ClockLeapTests
{
    const int Leap = 53 * 86_400;

    static readonly (string, string)[] _elsewhere = [("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", "9")];

    readonly SteppedTime _time = new(Some.Start);

    [Fact(Timeout = 60_000)]
    public async Task F46_A_second_in_which_the_clock_is_53_days_ahead_refuses_nothing_and_leaves_no_trace()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync();
        Assert.Null(await SendAsync(rig, second: 0, bpm: 60, stop));
        _time.Step(TimeSpan.FromSeconds(Leap));
        Pass(1);
        Assert.True(Clock(rig)!.KeepsFromReady);
        Assert.Null(await SendAsync(rig, second: 1, bpm: 61, stop));
        while (rig.Get<ClockState>().IsSteady)
            await Task.Delay(1, stop);

        _time.Step(TimeSpan.FromSeconds(-Leap));
        Pass(1);

        Assert.Null(await SendAsync(rig, second: 2, bpm: 62, stop));
        // Said again later, without a revision: the later receipt wins, as ever.
        Assert.Null(await SendAsync(rig, second: 1, bpm: 71, stop));
        Assert.Equal([$"0|60|{Some.Ms(0)}", $"1|71|{Some.Ms(2)}", $"2|62|{Some.Ms(2)}"], Samples(rig));
        Assert.Equal($"0|0|{Some.Ms(2)}", Row(rig, """
            SELECT (SELECT count(*) FROM dead_letter), (SELECT count(*) FROM gap), last FROM clock
            """));
        Assert.False(Clock(rig)!.KeepsFromReady);
        for (var i = 0; i < 61; i++)
            Pass(60);
        Assert.Null(Clock(rig));

        var restarted = new ArrivalClock(_time);
        await new StoreOpening(rig.Get<StoreWriter>(), rig.Get<WearerDirectory>(), restarted)
            .StartAsync(stop);
        Assert.Equal(Instant.FromDateTimeOffset(_time.GetUtcNow()), restarted.Now());
    }

    [Fact(Timeout = 60_000)]
    public async Task F46_While_a_leap_is_in_doubt_no_clock_alone_refuses_and_one_that_stays_is_followed()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync();
        Assert.Null(await SendAsync(rig, second: 0, bpm: 60, stop));
        _time.Step(TimeSpan.FromSeconds(Leap));

        Assert.Null(await SendAsync(rig, second: Leap, bpm: 61, stop));
        Assert.Null(await SendAsync(rig, second: 0, bpm: 62, stop));
        Assert.Equal("future", await SendAsync(rig, second: Leap + 400, bpm: 63, stop));
        for (var i = 0; i < 60; i++)
            Pass(60);
        Assert.Null(await SendAsync(rig, second: Leap + 3600, bpm: 64, stop));

        Assert.Equal("too_old", await SendAsync(rig, second: 0, bpm: 65, stop));
        Assert.Equal(
            [
                $"0|62|{Some.Ms(0)}", $"{Leap}|61|{Some.Ms(0)}",
                $"{Leap + 3600}|64|{Some.Ms(Leap + 3600)}",
            ], Samples(rig));
    }

    [Fact(Timeout = 60_000)]
    public async Task F46_Receipts_that_are_53_days_ahead_refuse_nothing_that_is_live_and_are_told()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var rig = await StartAsync();
        await rig.StartAsync(rig.Loops.OfType<HealthLoop>().Single());
        while (!rig.Health.IsReady)
            await Task.Delay(1, stop);
        rig.Get<ArrivalClock>().NotBefore(Some.Start + Duration.FromSeconds(Leap));

        Assert.Null(await SendAsync(rig, second: 0, bpm: 60, stop));

        Assert.Equal([$"0|60|{Some.Ms(Leap)}"], Samples(rig));
        Assert.Equal("too_old", await SendAsync(rig, second: -36 * 86_400, bpm: 61, stop));
        Assert.Equal("future", await SendAsync(rig, second: Leap + 400, bpm: 61, stop));
        Assert.True(Clock(rig)!.KeepsFromReady);
        Pass(1);
        while (rig.Health.IsReady)
            await Task.Delay(1, stop);
    }

    async Task<LoopRig> StartAsync()
    {
        var rig = new LoopRig(_time, _elsewhere);
        rig.Get<IntakeState>().Report = new IntakeReport(IntakeLink.Connected);
        await rig.StartAsync(rig.Loops.OfType<Pipeline>().Single());
        await rig.StartAsync(rig.Loops.OfType<GapLoop>().Single());
        return rig;
    }

    void Pass(int seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>The reason it was refused for when it was acknowledged; null when it was kept.</summary>
    static Task<string?> SendAsync(LoopRig rig, int second, double bpm, CancellationToken stop)
    {
        var said = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(rig.Get<DeliveryQueue>().TryAdd(Some.Bpm(second, bpm) with
        {
            Acknowledge = (_, outcomes) => said.TrySetResult(outcomes[0].Reason),
        }));
        return said.Task.WaitAsync(stop);
    }

    static HealthReason? Clock(LoopRig rig) =>
        rig.Get<HealthReport>().Reasons().SingleOrDefault(reason => reason.Part == "clock");

    static List<string> Samples(LoopRig rig) => Rows(rig,
        $"SELECT (t-{Some.Ms(0)})/1000, CAST(value AS INTEGER), received FROM sample ORDER BY t");

    static string Row(LoopRig rig, string sql) => Assert.Single(Rows(rig, sql));

    static List<string> Rows(LoopRig rig, string sql)
    {
        using var reader = rig.Get<StoreFile>().OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.GetString(i))));
        return rows;
    }
}
