using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Drains the store to InfluxDB: what is committed and not yet there, oldest first, marked only after
/// InfluxDB has said that it has it. Sent twice it is the same point, so nothing is asked of a crash.
/// </summary>
sealed class Forwarder(
    IJournal journal, InfluxDoor door, InfluxState state, CommitSignal committed, LineWriter writer,
    InfluxOptions options, Heartbeats heartbeats, TimeProvider time) : BackgroundService
{
    const string Loop = "forwarder";
    const int BadMost = 50;
    const int BodiesPerMark = 4;

    // What others than the corridor commit tells nobody, so it is looked for.
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        state.Report = new InfluxReport(InfluxLink.Starting);
        using var lines = new LineBuffer();
        var marking = Task.CompletedTask;
        try
        {
            while (true)
            {
                var began = time.GetTimestamp();
                var batch = await heartbeats.WaitAsync(Loop,
                    journal.TakeAsync(options.BatchLines * BodiesPerMark, stoppingToken));
                if (batch is null)
                {
                    await heartbeats.WaitAsync(Loop, marking);
                    heartbeats.Beat(Loop);
                    await committed.WaitAsync(LookEvery, time, stoppingToken);
                    continue;
                }

                state.Waiting = batch.Points;
                lines.Clear();
                writer.Write(batch, lines);
                var refused = await heartbeats.WaitAsync(Loop, CarryAsync(batch, lines, stoppingToken));
                Failpoint.Hit("after_forward_before_mark");
                // The mark waits its turn behind whatever is being committed; what follows is sent meanwhile.
                await heartbeats.WaitAsync(Loop, marking);
                marking = journal.ForwardedAsync(batch, refused, stoppingToken);
                state.Waiting = 0;
                var left = ForwardPace.Gather(batch.Points, options.BatchLines) - time.GetElapsedTime(began);
                if (left > TimeSpan.Zero)
                    await heartbeats.WaitAsync(Loop, Task.Delay(left, time, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping is crashing politely: what is not marked is sent again.
        }
    }

    /// <summary>Sends all lines; the points that are refused alone.</summary>
    async Task<IReadOnlyList<RefusedPoint>> CarryAsync(
        ForwardBatch batch, LineBuffer lines, CancellationToken stoppingToken)
    {
        while (true)
        {
            var refused = Unwritten(lines);
            if (await RoundAsync(batch, lines, refused, stoppingToken) is not { } bad)
                return refused;
            // So many are no accident: somebody changed what the fields are. One of them tells when that is
            // repaired; until then nothing is lost and nobody is flooded.
            door.Pause($"more than {BadMost} lines of one batch are refused; a field may have another type "
                + "there");
            do
                await Task.Delay(ForwardPace.Paused, time, stoppingToken);
            while ((await door.SendAsync(lines.Lines(bad, bad + 1), stoppingToken)).Step != NextStep.Done);
        }
    }

    /// <summary>One of the lines when more are refused than can be by accident, else null.</summary>
    async Task<int?> RoundAsync(ForwardBatch batch, LineBuffer lines, List<RefusedPoint> refused,
        CancellationToken stoppingToken)
    {
        var allowed = BadMost;
        for (var from = 0; from < lines.Count;)
        {
            var to = lines.Cut(from, options.BatchLines, door.Pace.BytesMost);
            var answer = await SendAsync(lines, from, to, stoppingToken);
            if (answer.Step == NextStep.Halve && to - from > 1)
            {
                door.Pace.TooLarge(lines.Size(from, to));
                continue;
            }

            if (answer.Step != NextStep.Done)
            {
                // A line that is refused must take nothing with it that another one relied on.
                lines.Clear();
                writer.Write(batch, lines, alone: true);
                var search = new Bisection(from, to, answer.Code);
                if (await FindAsync(lines, search, allowed, stoppingToken) is { } bad)
                    return bad;
                refused.AddRange(search.Bad);
                allowed -= search.Bad.Count(IsOdd);
            }

            state.Waiting = lines.Count - to;
            from = to;
        }

        return null;
    }

    async Task<int?> FindAsync(
        LineBuffer lines, Bisection search, int allowed, CancellationToken stoppingToken)
    {
        while (search.Next(out var from, out var to))
        {
            var answer = await SendAsync(lines, from, to, stoppingToken);
            if (answer.Step != NextStep.Done)
                search.Refused(answer.Code);
            if (search.Bad.Count > allowed && search.Bad.Count(IsOdd) > allowed)
                return search.Bad.Last(IsOdd).Index;
        }

        return null;
    }

    async Task<SortedAnswer> SendAsync(LineBuffer lines, int from, int to, CancellationToken stoppingToken) =>
        lines.Size(from, to) == 0
            ? new SortedAnswer(NextStep.Done)
            : await door.SendAsync(lines.Lines(from, to), stoppingToken);

    // That InfluxDB keeps less than we do is no fault of the lines, however many there are.
    static bool IsOdd(RefusedPoint point) =>
        point.Reason is not (AnswerSort.BeyondRetention or AnswerSort.TooLarge);

    static List<RefusedPoint> Unwritten(LineBuffer lines)
    {
        var none = new List<RefusedPoint>();
        for (var i = 0; i < lines.Count; i++)
            if (lines.Size(i, i + 1) == 0)
                none.Add(new RefusedPoint(i, Bisection.NotFinite, Bisection.DetailOf(Bisection.NotFinite)));
        return none;
    }
}
