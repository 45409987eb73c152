using NodaTime;

namespace SpasmStream.Core.Features;

/// <summary>
/// One wearer's day and the night it began with, as known at one instant: the only measured input of the risk
/// engine. The activity day runs from 04:00 to 04:00 local; the night belongs to the date of waking. A value
/// that is null is missing, never zero, and <see cref="NightGap"/> or <see cref="ActivityGap"/> say why.
/// </summary>
public sealed record DaySummary
{
    /// <summary>The local date.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>What had been received by then is in it, nothing else.</summary>
    public required Instant KnownAt { get; init; }

    /// <summary>Whether the day was a day off.</summary>
    public bool IsFree { get; init; }

    /// <summary>Start of the activity day, 04:00 local.</summary>
    public required Instant Start { get; init; }

    /// <summary>End of the activity day, 04:00 local of the next date: 23, 24 or 25 hours later.</summary>
    public required Instant End { get; init; }

    /// <summary>Awake minutes with heart rate or steps.</summary>
    public int WearMinutes { get; init; }

    /// <summary>Minutes of the day with heart rate.</summary>
    public int HeartRateMinutes { get; init; }

    /// <summary>
    /// Share of the main sleep's minutes with heart rate, 0 to 1; null without a main sleep.
    /// </summary>
    public double? NightCoverage { get; init; }

    /// <summary>Why the night's values are missing; null when there is a valid night.</summary>
    public string? NightGap { get; init; }

    /// <summary>Why the heart rate of the night is missing; null when it is there.</summary>
    public string? NightHeartRateGap { get; init; }

    /// <summary>Why the activity values are missing; null for a valid activity day.</summary>
    public string? ActivityGap { get; init; }

    /// <summary>Onset of the main sleep.</summary>
    public Instant? SleepOnset { get; init; }

    /// <summary>End of the main sleep: waking.</summary>
    public Instant? SleepOffset { get; init; }

    /// <summary>When the record of the main sleep reached us first.</summary>
    public Instant? NightReceived { get; init; }

    /// <summary>Minutes asleep in the main sleep.</summary>
    public double? Tst { get; init; }

    /// <summary>Minutes in bed.</summary>
    public double? Tib { get; init; }

    /// <summary>Sleep efficiency, percent.</summary>
    public double? Se { get; init; }

    /// <summary>Wake minutes between onset and offset.</summary>
    public double? Waso { get; init; }

    /// <summary>Mid-sleep, local clock hours in [0, 24).</summary>
    public double? Mid { get; init; }

    /// <summary>Minutes asleep outside the main sleep.</summary>
    public double? NapMinutes { get; init; }

    /// <summary>Nightly resting heart rate, beats per minute.</summary>
    public double? RhrNight { get; init; }

    /// <summary>Steps of a valid activity day.</summary>
    public double? Steps { get; init; }

    /// <summary>TRIMP of a valid activity day.</summary>
    public double? Load { get; init; }

    /// <summary>Minutes at 60 % of heart-rate reserve or above, on a valid activity day.</summary>
    public double? VigorousMinutes { get; init; }

    /// <summary>Whether the wearer touched the diary on this day (check-in, entry or explicit no).</summary>
    public bool DiaryContact { get; init; }

    /// <summary>Whether there was an evening check-in.</summary>
    public bool CheckedIn { get; init; }

    /// <summary>The day's last stress rating, 0 to 10.</summary>
    public double? Stress { get; init; }

    /// <summary>Alcoholic drinks; 0 only when said or checked in.</summary>
    public double? Alcohol { get; init; }

    /// <summary>Servings of caffeine; 0 only when said or checked in.</summary>
    public double? Caffeine { get; init; }

    /// <summary>Longest awake gap between meals in hours; null when meals were not logged.</summary>
    public double? FastHours { get; init; }

    /// <summary>Whether the first day of a menstruation was logged on this day.</summary>
    public bool MensesStart { get; init; }

    /// <summary>Whether "no attack" was said for this day.</summary>
    public bool SaidNoAttack { get; init; }
}
