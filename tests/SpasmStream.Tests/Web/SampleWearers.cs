using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Web;

/// <summary>Hand-made wearers in every state the page knows.</summary>
static class SampleWearers
{
    public static readonly Instant Now = Instant.FromUtc(2026, 11, 22, 2, 12);

    static readonly DateTimeZone _berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
    static readonly DateTimeZone _chicago = DateTimeZoneProviders.Tzdb["America/Chicago"];
    static readonly LocalDate _today = new(2026, 11, 22);

    public static IReadOnlyList<WearerToday> Three => [High, Usual, Unknown];

    public static IReadOnlyList<WearerToday> All => [High, Usual, Unknown, InAttack, Nothing, Raised, Lower];

    public static Tally Tally { get; } = new(48_210, 48_102, 96, 12);

    public static WearerToday High => new()
    {
        Id = "ada",
        Name = "Ada",
        Zone = _berlin,
        Freshness = Freshness.Fresh,
        Last = new LastSample("heart rate 71 per min", Now - Duration.FromMinutes(2), "watch-1"),
        Forecasts =
        [
            new ForecastToday
            {
                Issued = Now - Duration.FromHours(6),
                Kind = ForecastKind.Evening,
                Target = "migraine",
                Band = Band.High,
                Probability = 0.41,
                UsualRate = 0.13,
                Coverage = 0.92,
                DataUntil = Now - Duration.FromHours(6) - Duration.FromMinutes(3),
                Replayed = true,
                ReasonSentences =
                [
                    "You slept 4 h 50 min; usual for you is 7 h 20 min (commonly reported).",
                    "Your night's resting heart rate was 64; usual for you is 57 (associated in your data).",
                    "You rated yesterday's stress 8 of 10; usual for you is 4.",
                ],
            },
            new ForecastToday
            {
                Issued = Now - Duration.FromHours(6),
                Kind = ForecastKind.Evening,
                Target = "spasm",
                Band = Band.Raised,
                Probability = 0.12,
                UsualRate = 0.07,
                Coverage = 0.92,
                DataUntil = Now - Duration.FromHours(6),
                ReasonSentences = ["You walked 19,400 steps; usual for you is 8,100."],
            },
        ],
        Window = new OpenWindow(Now - Duration.FromHours(18), "migraine", 3.2),
        Alert = new AlertToday(
            Now - Duration.FromHours(6),
            AlertState.Sent,
            "Higher-than-usual chance of a migraine attack until tomorrow evening: about 4 in 10, "
                + "usually about 1 in 10. Short sleep and a raised resting heart rate stood out.",
            Experimental: true),
        Gaps =
        [
            new GapToday(Now - Duration.FromDays(33), Now - Duration.FromDays(30.5),
                Plain.Cause("session_expired", null)),
            new GapToday(Now - Duration.FromDays(12), Now - Duration.FromDays(12) + Duration.FromMinutes(4),
                Plain.Cause("qos0_dropped", 1_204)),
            new GapToday(Now - Duration.FromHours(11), Now - Duration.FromHours(9),
                Plain.Cause("session_lost", null)),
        ],
        Strip = Strip(seed: 7, onsets: [-58, -49, -41, -30, -21, -12, -4], spasms: [-44, -29, -12, -3]),
        Episodes =
        [
            Episode(EpisodeType.Spasm, -3 * 24 - 5, 0.5, 4, 9),
            Episode(EpisodeType.Migraine, -4 * 24 - 8, 11, 7, 14),
            Episode(EpisodeType.Migraine, -12 * 24 - 2, 20, 8, null),
            new EpisodeToday { Type = EpisodeType.Aura, Day = _today.PlusDays(-21), Forecasted = false },
        ],
    };

    public static WearerToday Usual => new()
    {
        Id = "ben",
        Name = "Ben",
        Zone = _chicago,
        Freshness = Freshness.Fresh,
        Last = new LastSample("steps", Now - Duration.FromSeconds(20), "band"),
        Forecasts =
        [
            new ForecastToday
            {
                Issued = Now - Duration.FromHours(13),
                Kind = ForecastKind.Morning,
                Target = "migraine",
                Band = Band.Usual,
                Probability = 0.22,
                UsualRate = 0.2,
                Coverage = 1,
                DataUntil = Now - Duration.FromHours(13),
                Gate = "promising",
            },
        ],
        Alert = new AlertToday(Now - Duration.FromHours(90), AlertState.Resolved, "Over.", true),
        Strip = Strip(seed: 3, onsets: [-52, -33, -17], spasms: []),
        Episodes = [Episode(EpisodeType.Migraine, -17 * 24, 9, 6, 22)],
    };

    public static WearerToday Unknown => new()
    {
        Id = "cleo",
        Name = "Cleo",
        Zone = _berlin,
        Freshness = Freshness.Stale,
        Last = new LastSample("heart rate", Now - Duration.FromHours(31), "ring"),
        Forecasts =
        [
            new ForecastToday
            {
                Issued = Now - Duration.FromHours(18),
                Kind = ForecastKind.Morning,
                Target = "migraine",
                Band = Band.Unknown,
                UsualRate = 0.1,
                Gap = "no_night",
                Coverage = 0.31,
                DataUntil = Now - Duration.FromHours(31),
            },
        ],
        Strip = Strip(seed: 11, onsets: [-36, -9], spasms: [-20]),
        Episodes = [Episode(EpisodeType.Migraine, -9 * 24, 14, 5, null)],
    };

    public static WearerToday InAttack => new()
    {
        Id = "dora",
        Name = "Dora",
        Zone = _berlin,
        Freshness = Freshness.Fresh,
        Last = new LastSample("heart rate", Now - Duration.FromMinutes(1), "watch-2"),
        Forecasts =
        [
            new ForecastToday
            {
                Issued = Now - Duration.FromHours(5),
                Kind = ForecastKind.Evening,
                Target = "migraine",
                Band = Band.Unknown,
                UsualRate = 0.1,
                AtRisk = false,
                Gap = "attack",
            },
        ],
        Strip = Strip(seed: 5, onsets: [-25, -1], spasms: []),
        Episodes = [Episode(EpisodeType.Migraine, -7, null, 7, 12)],
    };

    public static WearerToday Nothing => new() { Id = "eve", Name = "Eve", Zone = DateTimeZone.Utc };

    public static WearerToday Raised => Usual with
    {
        Id = "finn",
        Name = "Finn",
        Forecasts = [Usual.Forecasts[0] with { Band = Band.Raised, Probability = 0.34, Gate = "validated" }],
        Alert = new AlertToday(Now - Duration.FromHours(1), AlertState.Pending, "Raised.", false),
    };

    public static WearerToday Lower => Usual with
    {
        Id = "gus",
        Name = "Gus",
        Forecasts = [Usual.Forecasts[0] with { Band = Band.Lower, Probability = 0.04 }],
        Alert = null,
    };

    static EpisodeToday Episode(
        EpisodeType type, double hours, double? length, double severity, double? before) => new()
    {
        Type = type,
        Start = Now + Duration.FromHours(hours),
        End = length is { } some ? Now + Duration.FromHours(hours + some) : null,
        Severity = severity,
        WindowOpened = before is { } lead ? Now + Duration.FromHours(hours - lead) : null,
        Forecasted = true,
    };

    static List<StripDay> Strip(int seed, int[] onsets, int[] spasms)
    {
        List<StripDay> days = [];
        var state = (uint)seed;
        for (var ago = -59; ago <= 0; ago++)
        {
            state = state * 1_664_525 + 1_013_904_223;
            var draw = state >> 24;
            var near = onsets.Contains(ago) && draw % 3 != 0;
            var after = onsets.Contains(ago - 1) || onsets.Contains(ago - 2);
            days.Add(new StripDay
            {
                Date = _today.PlusDays(ago),
                Morning = near ? (draw > 120 ? Band.High : Band.Raised) : draw switch
                {
                    < 20 => Band.Unknown,
                    < 80 => Band.Lower,
                    < 215 => Band.Usual,
                    < 240 => Band.Raised,
                    _ => Band.High,
                },
                AtRisk = !after,
                Alerted = !after && near && draw > 120,
                Migraines = onsets.Contains(ago) ? 1 : 0,
                Spasms = spasms.Contains(ago) ? 1 : 0,
                Preceded = near ? 1 : 0,
            });
        }
        return days;
    }
}
