using NodaTime;
using SpasmStream.Simulators.Devices;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Wearers;

/// <summary>
/// A wearer who does not exist: a body, a watch and a diary, and everything they would send.
/// </summary>
sealed class SimulatedWearer(WearerOptions options)
{
    public WearerOptions Options => options;

    /// <summary>The history, in order of receipt, made day by day.</summary>
    public IEnumerable<WireMessage> Messages() =>
        Everything(live: null).TakeWhile(message => message.Received <= options.Until);

    /// <summary>
    /// What comes after the history, without end: heart rate every 5 s, steps by the minute, nights and
    /// diary as they happen. <see cref="WireMessage.Received"/> says when each is to be sent.
    /// </summary>
    public IEnumerable<WireMessage> LiveMessages() =>
        Everything(new LiveStream(options.Name, options.Until))
            .SkipWhile(message => message.Received <= options.Until);

    /// <summary>The days up to the present as they really were, for whoever judges a forecast.</summary>
    public IEnumerable<DayPlan> Truth() => NewLife().Days().Take(options.Days);

    IEnumerable<WireMessage> Everything(LiveStream? live)
    {
        var life = NewLife();
        var watch = new Watch(options.Name, options.Zone, options.Until);
        var diary = new Diary(options.Name, life.Traits, options.Zone);
        var body = new Body(life.Traits, options.Zone);
        var waiting = new PriorityQueue<WireMessage, (Instant, long)>();
        List<Attack> attacks = [];
        var (order, last) = (0L, Instant.MinValue);
        using var days = life.Days().GetEnumerator();
        days.MoveNext();
        while (true)
        {
            var day = days.Current;
            attacks.AddRange(day.Attacks);
            attacks.RemoveAll(attack => attack.End < day.Night.Onset - Duration.FromDays(3));
            days.MoveNext();
            var bedtime = days.Current.Night.Onset;

            var track = body.Live(day, days.Current.Night, attacks, Random(day, "body"));
            var isIctal = attacks.Any(attack => attack.Overlaps(day.Night.Wake, bedtime));
            watch.Wear(track, day, isIctal, Random(day, "watch"));
            var synced = watch.Sync(track, day).Where(message =>
                live is null || message.Received <= options.Until || message.Topic.EndsWith("/sleep"));
            var written = diary.Write(day, bedtime, attacks, Random(day, "diary"));
            var measured = live?.Messages(track, day, Random(day, "live")) ?? [];
            foreach (var message in synced.Concat(written).Concat(measured))
                waiting.Enqueue(message, (message.Received!.Value, order++));

            // Nothing of a later day is sent before that day's night begins.
            while (waiting.TryPeek(out var message, out _) && message.Received < bedtime)
            {
                waiting.Dequeue();
                last = Instant.Max(message.Received.Value, last + Duration.FromMilliseconds(1));
                yield return message with { Received = last };
            }
        }
    }

    Life NewLife() => new(
        options.Seed, options.Name, options.Character, options.Zone, options.FirstDate, options.Until,
        options.LastDay);

    SeededRandom Random(DayPlan day, string purpose) =>
        SeededRandom.For(options.Seed, options.Name, day.Index, purpose);
}
