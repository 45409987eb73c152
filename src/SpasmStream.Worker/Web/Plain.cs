using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;

namespace SpasmStream.Worker.Web;

/// <summary>Numbers and codes in the page's plain words.</summary>
static class Plain
{
    static readonly ZonedDateTimePattern _dayAndTime =
        ZonedDateTimePattern.CreateWithInvariantCulture("ddd d MMM HH:mm", null);
    static readonly ZonedDateTimePattern _time =
        ZonedDateTimePattern.CreateWithInvariantCulture("HH:mm", null);
    static readonly LocalDatePattern _day = LocalDatePattern.CreateWithInvariantCulture("ddd d MMM");
    static readonly LocalDatePattern _shortDay = LocalDatePattern.CreateWithInvariantCulture("d MMM");

    /// <summary>"just now", "4 min", "3 h", "5 days": rounded down, and never below zero.</summary>
    public static string Span(Duration span) => span.TotalMinutes switch
    {
        < 1 => "less than 1 min",
        < 120 => $"{(int)span.TotalMinutes} min",
        < 48 * 60 => $"{(int)span.TotalHours} h",
        _ => $"{(int)span.TotalDays} days",
    };

    /// <summary>"4 min ago". A device clock that runs ahead reads as now.</summary>
    public static string Age(Instant at, Instant now) =>
        now - at < Duration.FromMinutes(1) ? "just now" : Span(now - at) + " ago";

    /// <summary>"today 07:42", "yesterday 22:10", "Thu 20 Nov 14:05", in the wearer's zone.</summary>
    public static string When(Instant at, Instant now, DateTimeZone zone)
    {
        var local = at.InZone(zone);
        return Period.DaysBetween(local.Date, now.InZone(zone).Date) switch
        {
            0 => "today " + _time.Format(local),
            1 => "yesterday " + _time.Format(local),
            _ => _dayAndTime.Format(local),
        };
    }

    /// <summary>"07:42".</summary>
    public static string Clock(Instant at, DateTimeZone zone) => _time.Format(at.InZone(zone));

    /// <summary>"Sun 22 Nov 03:10".</summary>
    public static string DayAndClock(Instant at, DateTimeZone zone) => _dayAndTime.Format(at.InZone(zone));

    /// <summary>"Sun 22 Nov".</summary>
    public static string Day(LocalDate date) => _day.Format(date);

    /// <summary>"22 Nov".</summary>
    public static string ShortDay(LocalDate date) => _shortDay.Format(date);

    /// <summary>The band as the page's largest words.</summary>
    public static string BandHeadline(Band band) => band switch
    {
        Band.Lower => "Lower than usual",
        Band.Usual => "About as usual",
        Band.Raised => "Higher than usual",
        Band.High => "High-risk day",
        _ => "Unknown",
    };

    /// <summary>The band as one word for tables.</summary>
    public static string BandWord(Band? band) => band switch
    {
        Band.Lower => "lower",
        Band.Usual => "usual",
        Band.Raised => "raised",
        Band.High => "high",
        Band.Unknown => "unknown",
        _ => "no forecast",
    };

    /// <summary>What is forecast, with its article.</summary>
    public static string Onset(string target) => target switch
    {
        "migraine" => "a migraine attack",
        "spasm" => "a muscle spasm",
        _ => "an episode",
    };

    /// <summary>When in the day the forecast was made.</summary>
    public static string KindWord(ForecastKind kind) => kind switch
    {
        ForecastKind.Morning => "Morning forecast",
        ForecastKind.Evening => "Evening forecast",
        _ => "Updated forecast",
    };

    /// <summary>What was logged.</summary>
    public static string EpisodeWord(EpisodeType type) => type switch
    {
        EpisodeType.Migraine => "Migraine",
        EpisodeType.Aura => "Aura",
        EpisodeType.Tension => "Tension headache",
        EpisodeType.Cluster => "Cluster headache",
        EpisodeType.Spasm => "Muscle spasm",
        EpisodeType.Seizure => "Seizure",
        _ => "Other episode",
    };

    /// <summary>Whether the gap says that an attack goes on or has just ended.</summary>
    public static string AttackHeadline(string? gap) =>
        gap is "after_attack" or "postictal" ? "Just after an attack" : "Attack in progress";

    /// <summary>Why there is no forecast; an unlisted code is shown with its words apart.</summary>
    public static string GapSentence(string? gap) => gap switch
    {
        "attack" or "in_attack" or "ictal" =>
            "You logged an attack that has not ended. Forecasts rest while it lasts and for 24 h after.",
        "after_attack" or "postictal" =>
            "Your last attack ended less than 24 h ago. Forecasts rest until those 24 h are over.",
        "no_night" => "Last night's sleep has not arrived.",
        "no_data" or "no_samples" => "Nothing has been received yet.",
        "coverage" or "low_coverage" => "Too little of what the forecast looks at was known.",
        "not_worn" or "no_wear" => "The device was worn too little.",
        "stale" => "The device has been silent for too long.",
        "learning" or "no_baseline" or "few_days" => "Still learning what is usual for you.",
        null or "" => "Not enough was known.",
        _ => $"Not enough was known ({gap.Replace('_', ' ')}).",
    };

    /// <summary>What the skill gate allows to be said.</summary>
    public static string GateSentence(string gate) => gate switch
    {
        "validated" => "Forecasts for you have beaten your usual rate so far.",
        "promising" => "Still learning. First signs that forecasts beat your usual rate; not yet shown.",
        _ => "Still learning. No skill shown yet: forecasts have not been shown to beat your usual rate.",
    };

    /// <summary>How far an alert has come.</summary>
    public static string AlertWord(AlertState state) => state switch
    {
        AlertState.Pending => "waiting to be sent",
        AlertState.Sent => "sent",
        AlertState.Expired => "expired before it could be sent",
        _ => "over",
    };

    /// <summary>Why something may have been lost.</summary>
    public static string Cause(string cause, long? lost) => cause switch
    {
        "session_lost" => "the broker had forgotten what it was to keep for us",
        "session_expired" => "we were away for longer than the broker keeps messages",
        "session_unsure" => "it is not known whether the broker had kept what it was to keep for us",
        "qos0_dropped" => $"{lost ?? 0:N0} messages came faster than they could be kept",
        "clock_step" => "this machine's clock was set",
        "store_quarantined" => "the store was damaged and put aside",
        "restored" => "a backup took the store's place, and what came after it is not in it",
        "disk_full" => $"the disk was full, and {lost ?? 0:N0} of the oldest values were given up",
        "not_forwarded" => $"too much waited for InfluxDB, which lacks {lost ?? 0:N0} values that are here",
        _ => cause.Replace('_', ' '),
    };

    /// <summary>"from yesterday 22:10 to today 07:42", "since today 07:42".</summary>
    public static string Stretch(GapToday gap, Instant now, DateTimeZone zone) => gap.End is { } end
        ? $"from {When(gap.Start, now, zone)} to {When(end, now, zone)}"
        : $"since {When(gap.Start, now, zone)}";

    /// <summary>"6.5 of 10".</summary>
    public static string OutOfTen(double value) => $"{value:0.#} of 10";
}
