using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Risk;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Risk;

/// <summary>A wearer in Berlin whose days are told one by one.</summary>
sealed class Story(int seed = 1, AlertMode mode = AlertMode.Early)
{
    public static readonly LocalDate FirstDay = new(2026, 1, 5);
    public static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];

    readonly Random _random = new(seed);

    public WearerProfile Profile { get; } = ProfileOf(mode);

    /// <summary>What was fed, in order: summaries, entries and issue times.</summary>
    public List<object> Fed { get; } = [];

    public List<Assessment> Said { get; } = [];

    public WearerRisk Risk => field ??= new WearerRisk(Profile);

    public static WearerProfile ProfileOf(AlertMode mode = AlertMode.Early) => new()
    {
        Zones = [new ZoneStay(Instant.FromUtc(2000, 1, 1, 0, 0), Berlin)],
        AlertMode = mode,
    };

    public static Instant At(LocalDate date, int hour, int minute = 0) =>
        Berlin.AtLeniently(date + new LocalTime(hour, minute)).ToInstant();

    /// <summary>An ordinary day of this wearer.</summary>
    public DaySummary Ordinary(LocalDate date) => new()
    {
        Date = date,
        KnownAt = At(date, 8),
        Start = At(date, 4),
        End = At(date.PlusDays(1), 4),
        IsFree = date.DayOfWeek is IsoDayOfWeek.Saturday or IsoDayOfWeek.Sunday,
        Tst = 430 + 50 * Normal(),
        Waso = 45 + 15 * Normal(),
        Mid = (27.3 + 0.6 * Normal()) % 24,
        RhrNight = 55 + 2 * Normal(),
        Steps = 7000 * Math.Exp(0.3 * Normal()),
        Load = 110 + 25 * Normal(),
        VigorousMinutes = Math.Max(0, 8 + 6 * Normal()),
        DiaryContact = true,
        CheckedIn = true,
        Stress = Math.Clamp(3.5 + 1.8 * Normal(), 0, 10),
        Alcohol = _random.Next(3),
        Caffeine = 1 + _random.Next(3),
        FastHours = 3 + _random.NextDouble(),
    };

    public double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    public double Uniform() => _random.NextDouble();

    public bool Chance(double share) => Uniform() < share;

    public void Tell(DaySummary day)
    {
        Fed.Add(day);
        Risk.Observe(day);
    }

    public void Tell(DiaryEntry entry)
    {
        Fed.Add(entry);
        Risk.Observe(entry);
    }

    public Forecast Ask(LocalDate date, ForecastKind kind = ForecastKind.Morning)
    {
        var at = At(date, kind switch { ForecastKind.Morning => 8, ForecastKind.Evening => 20, _ => 12 });
        var issue = new IssueTime(at, date, kind);
        Fed.Add(issue);
        Said.Add(Risk.Assess(issue));
        return Said[^1].Forecast;
    }

    /// <summary>
    /// One whole day: the night and a morning forecast, then the day itself and an evening one.
    /// </summary>
    public Forecast Live(LocalDate date, Func<DaySummary, DaySummary>? change = null, bool evening = true)
    {
        var day = Ordinary(date);
        day = change?.Invoke(day) ?? day;
        Tell(day with
        {
            Steps = null, Load = null, VigorousMinutes = null, DiaryContact = false, CheckedIn = false,
            Stress = null, Alcohol = null, Caffeine = null, FastHours = null,
        });
        var forecast = Ask(date);
        Tell(day with { KnownAt = At(date, 19, 45) });
        if (evening)
            Ask(date, ForecastKind.Evening);
        return forecast;
    }

    public LocalDate LiveUntil(LocalDate end, LocalDate? from = null)
    {
        for (var date = from ?? FirstDay; date < end; date = date.PlusDays(1))
            Live(date);
        return end;
    }

    public static Episode Migraine(Instant start, Duration? length = null, Instant? received = null,
        string? id = null) =>
        new()
        {
            Id = id ?? $"ep-{start}",
            Received = received ?? start,
            Type = EpisodeType.Migraine,
            Start = start,
            End = length is { } known ? start + known : null,
        };

    public static Episode DayOnly(LocalDate day, string? id = null) => new()
    {
        Id = id ?? $"ep-{day}",
        Received = At(day, 21),
        Type = EpisodeType.Migraine,
        Day = day,
        Onset = OnsetCertainty.DayOnly,
    };

    public static Episode NeckSpasm(Instant start) => new()
    {
        Id = $"sp-{start}",
        Received = start,
        Type = EpisodeType.Spasm,
        Region = SpasmRegion.NeckShoulder,
        Start = start,
    };

    public static double? ValueOf(Forecast forecast, string feature) =>
        forecast.Features.Single(f => f.Name == feature).Value;

    /// <summary>Every bit of an assessment as text.</summary>
    public static string Bits(Assessment said)
    {
        var f = said.Forecast;
        static string Of(double? x) => x is { } v ? BitConverter.DoubleToInt64Bits(v).ToString("x") : "-";
        var features = f.Features.Select(u => $"{u.Name}={Of(u.Value)}*{Of(u.Weight)}>{Of(u.Push)}");
        var reasons = f.Reasons.Select(
            r => $"{r.Feature} {r.Measure} {Of(r.Value)} {Of(r.Usual)} {Of(r.Push)}");
        var window = said.Window is { } w
            ? $"{w.Kind} {w.Window.Start} {w.Window.End} {Of(w.Window.Peak)} {Of(w.Window.PeakRelativeRisk)}"
            : "";
        return string.Join("|", f.Issued, f.Kind, Of(f.Probability), Of(f.BaseRate), f.Band, f.AtRisk, f.Gap,
            Of(f.Coverage), f.Alerted, string.Join(",", features), string.Join(",", reasons),
            window, said.Alert?.WindowStart, said.Alert?.Expires);
    }
}
