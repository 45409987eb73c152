using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Assess;

/// <summary>
/// Ruling 3 for all that can be edited: deletes, moved instants, running counts with resets, live sleep
/// events and the records that replace them, withdrawals that overtake what they take back.
/// </summary>
public sealed class EditOrderTests
{
    const int Days = 8;
    const string Facts = "(SELECT id, rev, withdrawn, hash, received, payload FROM sample_fact)";
    const string Samples = """
        (SELECT t, device || signal || stat || source AS s, dur, value, received, rev, flags, fact, gone
        FROM {0} JOIN series ON series.id=series ORDER BY 1, 2, 3, rev, value, fact)
        """;

    static readonly Instant _began = Journal.Now - Duration.FromDays(Days);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task B37_Twenty_orders_and_batch_sizes_of_edits_and_deletes_give_the_same_rows()
    {
        var messages = Messages();
        HashSet<string> hashes = [];
        for (var order = 0; order < 20; order++)
        {
            var random = new Random(order);
            Arrival[] shuffled = [.. messages];
            random.Shuffle(shuffled);
            using var journal = new Journal();
            var most = random.Next(1, 200);
            await journal.KeepAsync(shuffled, () => random.Next(1, most + 1));
            await journal.Follow().AdvanceAsync(Journal.Now, true, Stop);
            hashes.Add(HashOf(journal));
            if (order > 0)
                continue;
            Assert.True(journal.Query<long>("SELECT count(*) FROM sample WHERE gone IS NOT NULL")[0] > 20);
            Assert.True(journal.Query<long>("SELECT count(*) FROM forecast")[0] >= 2 * Days - 2);
            Assert.True(journal.Query<long>(
                "SELECT count(*) FROM day_summary WHERE summary LIKE '%\"Tst\"%'")[0] > 3);
        }

        Assert.Single(hashes);
    }

    [Fact]
    public async Task B38_Any_message_twice_is_the_message_once_also_after_a_stop_in_between()
    {
        var messages = Messages();
        using var once = new Journal();
        using var twice = new Journal();
        await once.KeepAsync(messages);
        await once.Follow().AdvanceAsync(Journal.Now, true, Stop);
        var random = new Random(5);
        foreach (var chunk in messages.Chunk(150))
        {
            await twice.KeepAsync(chunk);
            // Killed after the commit and before the acknowledgement: some of it comes again.
            await twice.KeepAsync(chunk.Where(_ => random.Next(2) == 0).Select(arrival => arrival with
            {
                Delivery = arrival.Delivery with { Dup = true },
            }));
        }

        await twice.KeepAsync(messages);
        await twice.Follow().AdvanceAsync(Journal.Now, true, Stop);

        Assert.Equal(HashOf(once), HashOf(twice));
    }

    [Fact]
    public async Task A_recording_in_memory_says_the_same_as_the_file_and_as_a_wearer_followed_step_by_step()
    {
        var messages = Messages();
        using var journal = new Journal();
        using var live = new Journal();
        await journal.KeepAsync(messages);
        await journal.Follow().AdvanceAsync(Journal.Now, true, Stop);
        // As it happens: what came in by then is all there is.
        foreach (var hour in messages.OrderBy(m => m.Delivery.Received)
            .GroupBy(m => m.Delivery.Received.ToUnixTimeSeconds() / 10_800))
        {
            await live.KeepAsync(hour);
            await live.Follow().AdvanceAsync(
                hour.Max(m => m.Delivery.Received) - Duration.Epsilon, true, Stop);
        }

        await live.Follow().AdvanceAsync(Journal.Now, true, Stop);
        var recording = new Recording();
        Arrival[] shuffled = [.. messages];
        new Random(1).Shuffle(shuffled);
        foreach (var message in shuffled)
            recording.Add(message.Delivery, message.Decoded);
        var tracked = new TrackedWearer(Journal.Ada, Journal.Profile, recording, Said.Reader());
        await tracked.AdvanceAsync(Journal.Now, true, Stop);

        var stored = Ledger(journal);
        Assert.Equal(stored, Ledger(live));
        Assert.Equal(stored, recording.Steps.Select(step => step.Assessment?.Forecast).OfType<Forecast>()
            .Select(forecast => string.Join(' ', forecast.Issued.ToUnixTimeMilliseconds(),
                forecast.DataUntil?.ToUnixTimeMilliseconds(), Json.Write(forecast.Features))));
        foreach (var table in (string[])["hour_summary", "day_summary", "forecast"])
            Assert.True(journal.HashOf(table) == live.HashOf(table), table);
    }

    static List<string> Ledger(Journal journal) => journal.Query<string>(
        "SELECT issued || ' ' || coalesce(data_until, '') || ' ' || features FROM forecast ORDER BY issued");

    static string HashOf(Journal journal) => string.Join(' ', new[]
    {
        Samples.Replace("{0}", "sample", StringComparison.Ordinal),
        Samples.Replace("{0}", "sample_superseded", StringComparison.Ordinal), Facts,
        "hour_summary", "day_summary", "forecast", "preceded",
    }.Select(table => journal.HashOf(table)));

    static List<Arrival> Messages()
    {
        var random = new Random(20261118);
        List<Arrival> messages = [];
        for (var day = 0; day < Days; day++)
        {
            var start = _began + Duration.FromDays(day);
            for (var hour = 0; hour < 24; hour++)
                AddHour(messages, start + Duration.FromHours(hour), day, hour, random);
            AddNight(messages, start + Duration.FromHours(12), day);
            AddDiary(messages, start + Duration.FromHours(7), day);
        }

        messages.RemoveAll(message => message.Delivery.Received > Journal.Now);
        return messages;
    }

    /// <summary>A fact an hour, now and then moved, replaced or taken back; and a running count.</summary>
    static void AddHour(List<Arrival> messages, Instant hour, int day, int number, Random random)
    {
        var (id, received) = ($"h{day}-{number}", hour + Duration.FromMinutes(61));
        messages.Add(Said.Fact(id, 0, received, Bpm(hour, 0, 60 + random.Next(30))));
        if (random.Next(3) == 0)
            messages.Add(Said.Fact(id, random.Next(2), received + Duration.FromMinutes(random.Next(1, 2000)),
                Bpm(hour, random.Next(-90, 30), 70)));
        if (random.Next(6) == 0)
            messages.Add(Said.FactBack(id, random.Next(2), received + Duration.FromMinutes(
                random.Next(-50, 900))));
        if (random.Next(4) == 0)
            messages.Add(Said.Samples(received, Bpm(hour, 0, 58)));

        var total = number * 600.0;
        for (var minute = random.Next(9); minute < 60; minute += 4 + random.Next(20))
        {
            var at = hour + Duration.FromMinutes(minute);
            var late = at + Duration.FromMinutes(random.Next(5) == 0 ? random.Next(600) : 1);
            List<Sample> samples =
                [Said.Sample(Signal.StepCounter, at, total + (minute * 10), "phone", stat: Stat.Last)];
            if (random.Next(2) == 0)
                samples.Add(Said.Sample(Signal.StepCounterSince, at,
                    (hour - Duration.FromHours(number)).ToUnixTimeMilliseconds(), "phone", stat: Stat.Last));
            messages.Add(Said.Samples(late, samples));
        }
    }

    static void AddNight(List<Arrival> messages, Instant bed, int day)
    {
        Instant At(double hours) => bed + Duration.FromHours(hours);
        messages.Add(Said.Event(SleepEventKind.Start, At(0), At(0)));
        for (var i = 1; i < 7; i++)
            messages.Add(Said.Event(SleepEventKind.Stage, At(i), At(i),
                i % 2 == 0 ? SleepStage.Deep : SleepStage.Light));
        if (day % 3 > 0)
            messages.Add(Said.Event(SleepEventKind.Stop, At(7), At(7)));
        if (day % 2 == 0)
            messages.Add(Said.Sleep($"n{day}", 1, At(0.5), At(6.5), At(day % 4 == 0 ? 6.6 : 13)));
        if (day % 4 == 2)
            messages.Add(Said.Sleep($"n{day}", 0, At(0.5), At(5), At(9)));
        if (day % 4 == 0)
            messages.Add(Said.Back("watch", "sleep", $"n{day}", 1, At(day % 8 == 0 ? 6 : 30)));
    }

    static void AddDiary(List<Arrival> messages, Instant noon, int day)
    {
        Instant At(double hours) => noon + Duration.FromHours(hours);
        if (day % 3 == 0)
            messages.Add(Said.Migraine($"e{day}", 0, At(0), At(1)));
        if (day % 3 == 0 && day % 2 == 0)
            messages.Add(Said.Back("diary", "episode", $"e{day}", 0, At(day == 0 ? 0.5 : 20)));
        messages.Add(Said.NoAttack($"e{day}", day % 2, noon.InUtc().Date, At(10)));
    }

    static Sample[] Bpm(Instant hour, int from, double bpm) =>
    [
        .. Enumerable.Range(0, 12).Select(i =>
            Said.Sample(Signal.HeartRate, hour + Duration.FromMinutes(from + (i * 5)), bpm + (i % 4))),
        Said.Sample(Signal.RrInterval, hour + Duration.FromMinutes(from), 800),
    ];
}
