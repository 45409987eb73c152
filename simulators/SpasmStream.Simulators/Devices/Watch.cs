using NodaTime;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>
/// A watch that keeps what it measures until the phone is near: half an hour after the night, and at 19:45.
/// Each sync is one message of heart rate, one of steps and, after a night, the night.
/// </summary>
sealed class Watch(string wearer, DateTimeZone zone, Instant until)
{
    public const string Device = "watch";
    static readonly LocalTime EveningSync = new(19, 45);

    // Minutes measured and not yet synced: the track being lived, and what the one before left over.
    MinuteTrack? _previous;
    Instant _synced = Instant.MinValue;

    public static string Topic(string wearer, string kind) => $"spasmstream/v1/in/{wearer}/{Device}/{kind}";

    /// <summary>Leaves gaps where the watch was charging, lay on the table or lost the pulse.</summary>
    public void Wear(MinuteTrack track, DayPlan day, bool isIctal, SeededRandom random)
    {
        var (charges, from, minutes) =
            (random.Chance(0.3), (int)random.Between(17 * 60, 21 * 60), (int)random.Between(30, 90));
        var isForgotten = random.Chance(isIctal ? 0.14 : 0.05);
        for (var minute = 0; minute < track.HeartRate.Length; minute++)
            if (random.Chance(0.03))
                track.HeartRate[minute] = MinuteTrack.Gap;
        if (!day.Night.IsWorn)
            track.TakeOff(track.Start, day.Night.Wake);
        if (day.IsLastDays)
            return;
        if (isForgotten)
            track.TakeOff(day.Night.Wake, track.End);
        if (charges)
        {
            var start = zone.AtLeniently(day.Date.AtMidnight().PlusMinutes(from)).ToInstant();
            track.TakeOff(start, start + Duration.FromMinutes(minutes));
        }
    }

    /// <summary>The messages of every sync that falls into this track.</summary>
    public IEnumerable<WireMessage> Sync(MinuteTrack track, DayPlan day)
    {
        if (_synced == Instant.MinValue)
            _synced = CeilToFive(track.Start);
        var morning = CeilToFive(day.Night.Wake + Duration.FromMinutes(30));
        var evening = zone.AtLeniently(day.Date + EveningSync).ToInstant();
        List<Instant> syncs = [morning, evening];

        // Whoever starts the stream has the phone in hand: what was measured up to now goes out first.
        var now = Instant.FromUnixTimeSeconds((until.ToUnixTimeSeconds() - 5) / 300 * 300);
        if (track.Start <= now && now < track.End && !syncs.Contains(now))
            syncs.Add(now);
        syncs.Sort();
        foreach (var sync in syncs)
        {
            var payload = new WatchPayload(_previous, track, _synced, sync);
            if (payload.HeartRate() is ({ } rates, var rateCount))
                yield return new(Topic(wearer, "heart-rate"), sync, rates) { Samples = rateCount };
            if (payload.Steps() is ({ } steps, var stepCount))
                yield return new(Topic(wearer, "steps"), sync + Duration.FromSeconds(1), steps)
                {
                    Samples = stepCount,
                };
            if (sync == morning && day.Night.IsWorn)
                yield return new(
                    Topic(wearer, "sleep"), sync + Duration.FromSeconds(2),
                    SleepPayload.Write(day.Night, zone));
            _synced = sync;
        }
        _previous = track;
    }

    static Instant CeilToFive(Instant at) =>
        Instant.FromUnixTimeSeconds((at.ToUnixTimeSeconds() + 299) / 300 * 300);
}
