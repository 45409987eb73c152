using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Features;

/// <summary>Short ways to write down what was worn, slept and logged.</summary>
static class Wear
{
    public static readonly Instant Hour = Instant.FromUtc(2026, 3, 10, 9, 0);
    public static readonly Instant KnownAt = Instant.FromUtc(2026, 12, 1, 0, 0);
    public static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    public static readonly WearerProfile Berliner =
        new() { Zones = [new ZoneStay(Instant.FromUtc(2020, 1, 1, 0, 0), Berlin)], BirthYear = 1986 };

    public static Sample HeartRate(
        double minute, double bpm, string device = "watch", double minutes = 0, Stat stat = Stat.Raw,
        SampleFlags flags = SampleFlags.None, string source = "") =>
        Of(new Series(device, Signal.HeartRate, stat, source), minute, minutes, bpm, flags);

    public static Sample Steps(
        double minute, double count, string device = "watch", double minutes = 1, Stat stat = Stat.Sum,
        SampleFlags flags = SampleFlags.None, string source = "") =>
        Of(new Series(device, Signal.Steps, stat, source), minute, minutes, count, flags);

    static Sample Of(Series series, double minute, double minutes, double value, SampleFlags flags) => new()
    {
        Series = series,
        Start = Hour + Duration.FromMinutes(minute),
        Duration = Duration.FromMinutes(minutes),
        Value = value,
        Flags = flags,
        Received = Hour + Duration.FromMinutes(minute + minutes),
    };

    public static IReadOnlyList<MinuteCell> Fold(IEnumerable<Sample> samples, params string[] preferred) =>
        HourFold.Fold(Hour, KnownAt, samples, preferred).Minutes;

    public static Instant At(LocalDate date, int hour, int minute = 0) =>
        Berlin.AtLeniently(date + new LocalTime(hour, minute)).ToInstant();

    /// <summary>Hours that overlap [from, to) with a cell for every minute inside, missing outside.</summary>
    public static IReadOnlyList<HourSummary> Hours(Instant from, Instant to, Func<Instant, MinuteCell> cell)
    {
        var hours = new List<HourSummary>();
        var first = Instant.FromUnixTimeSeconds(from.ToUnixTimeSeconds() / 3600 * 3600);
        for (var hour = first; hour < to; hour += Duration.FromHours(1))
        {
            var cells = new MinuteCell[60];
            for (var minute = 0; minute < 60; minute++)
            {
                var at = hour + Duration.FromMinutes(minute);
                cells[minute] = at >= from && at < to ? cell(at) : default;
            }
            hours.Add(new HourSummary(hour, KnownAt, cells));
        }
        return hours;
    }

    public static SleepEpisode Sleep(
        Instant start, Instant end, string device = "watch", bool? main = null,
        double? asleepMinutes = null) =>
        new()
        {
            Device = device,
            Id = $"{device}-{start}",
            Start = start,
            End = end,
            Received = end + Duration.FromMinutes(5),
            Main = main,
            Asleep = asleepMinutes is { } minutes ? Duration.FromMinutes(minutes) : null,
        };

    public static Trigger Trigger(Instant at, string type, double? quantity = null, string? unit = null) =>
        new() { Id = $"{type}-{at}", Received = at, At = at, Type = type, Quantity = quantity, Unit = unit };

    public static CheckIn CheckIn(Instant at, double? stress = null) =>
        new() { Id = $"check-in-{at}", Received = at, At = at, Stress = stress };
}
