using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;

namespace SpasmStream.Worker.Web;

/// <summary>Everything the page shows, read at one instant.</summary>
/// <param name="Now">That instant.</param>
/// <param name="Wearers">Everybody who is known.</param>
/// <param name="Tally">What became of all messages.</param>
/// <param name="Link">How the link to an external broker stands, as a sentence; null without one.</param>
public sealed record TodayView(
    Instant Now, IReadOnlyList<WearerToday> Wearers, Tally Tally, string? Link = null);

/// <summary>What became of all messages since the store was made.</summary>
public sealed record Tally(long Received, long Stored, long Duplicates, long DeadLetters)
{
    /// <summary>What the store takes; null when it was not asked.</summary>
    public StoreToday? Store { get; init; }
}

/// <summary>What the store takes of what it may.</summary>
/// <param name="Bytes">Bytes held.</param>
/// <param name="Percent">Of what it may hold on its disk.</param>
/// <param name="DaysLeft">
/// Until it is full, at the rate of the last week; null while that is unknown or it does not grow.
/// </param>
public sealed record StoreToday(long Bytes, int Percent, int? DaysLeft);

/// <summary>One wearer as the page shows them: plain values, nothing to look up.</summary>
public sealed record WearerToday
{
    /// <summary>The id in topics; 1 to 64 of <c>a-z 0-9 _ -</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What they want to be called; free text, encoded on the page.</summary>
    public required string Name { get; init; }

    /// <summary>Where they live now: every time of theirs is told in it.</summary>
    public required DateTimeZone Zone { get; init; }

    /// <summary>The newest sample; null when none ever came.</summary>
    public LastSample? Last { get; init; }

    /// <summary>Whether samples keep coming.</summary>
    public Freshness Freshness { get; init; }

    /// <summary>The newest forecast of each target, the one to show large first.</summary>
    public IReadOnlyList<ForecastToday> Forecasts { get; init; } = [];

    /// <summary>The risk window that is open now; null when none is.</summary>
    public OpenWindow? Window { get; init; }

    /// <summary>The newest alert; null when none was ever raised.</summary>
    public AlertToday? Alert { get; init; }

    /// <summary>Sixty local dates in order, today last.</summary>
    public IReadOnlyList<StripDay> Strip { get; init; } = [];

    /// <summary>Stretches of those days in which something may have been lost, in order.</summary>
    public IReadOnlyList<GapToday> Gaps { get; init; } = [];

    /// <summary>The last few logged episodes, newest first.</summary>
    public IReadOnlyList<EpisodeToday> Episodes { get; init; } = [];
}

/// <summary>Whether samples keep coming.</summary>
public enum Freshness
{
    /// <summary>None ever came.</summary>
    None,

    /// <summary>The newest is as young as this device's samples usually are.</summary>
    Fresh,

    /// <summary>The device has been silent for longer than it usually is.</summary>
    Stale,
}

/// <summary>The newest sample.</summary>
/// <param name="Signal">What was measured, in words, such as <c>heart rate</c>.</param>
/// <param name="At">When it was measured.</param>
/// <param name="Device">The device it came from.</param>
public sealed record LastSample(string Signal, Instant At, string Device);

/// <summary>A forecast as the page shows it.</summary>
public sealed record ForecastToday
{
    /// <summary>When it was made.</summary>
    public required Instant Issued { get; init; }

    /// <summary>When in the day it was made.</summary>
    public required ForecastKind Kind { get; init; }

    /// <summary>What is forecast: <c>migraine</c> or <c>spasm</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The band.</summary>
    public required Band Band { get; init; }

    /// <summary>Chance of a new onset in 24 h; null when unknown.</summary>
    public double? Probability { get; init; }

    /// <summary>The wearer's own usual chance.</summary>
    public required double UsualRate { get; init; }

    /// <summary>False during an attack and for 24 h after it.</summary>
    public bool AtRisk { get; init; } = true;

    /// <summary>Why the band is unknown or the wearer not at risk, as one word; else null.</summary>
    public string? Gap { get; init; }

    /// <summary>The same as a sentence; <see cref="Plain.GapSentence"/> when null.</summary>
    public string? GapSentence { get; init; }

    /// <summary>Share of what the forecast looks at that was known, 0 to 1.</summary>
    public double Coverage { get; init; }

    /// <summary>Receipt of the newest thing it used; null when nothing had been received.</summary>
    public Instant? DataUntil { get; init; }

    /// <summary>The skill gate's state: learning, promising or validated.</summary>
    public string Gate { get; init; } = "learning";

    /// <summary>Whether it was made from replayed messages, not live ones.</summary>
    public bool Replayed { get; init; }

    /// <summary>What pushed it, each a plain sentence, strongest first.</summary>
    public IReadOnlyList<string> ReasonSentences { get; init; } = [];

    /// <summary>A forecast of the ledger, with its reasons put into words.</summary>
    public static ForecastToday From(
        Forecast forecast, IReadOnlyList<string> reasonSentences, bool replayed) => new()
    {
        Issued = forecast.Issued,
        Kind = forecast.Kind,
        Target = forecast.Target,
        Band = forecast.Band,
        Probability = forecast.Probability,
        UsualRate = forecast.BaseRate,
        AtRisk = forecast.AtRisk,
        Gap = forecast.Gap,
        Coverage = forecast.Coverage,
        DataUntil = forecast.DataUntil,
        Gate = forecast.Gate,
        Replayed = replayed,
        ReasonSentences = reasonSentences,
    };
}

/// <summary>The risk window that is open now.</summary>
/// <param name="Start">Its first issue time.</param>
/// <param name="Target">What it warns of.</param>
/// <param name="PeakRelativeRisk">The highest relative risk of its run so far.</param>
public sealed record OpenWindow(Instant Start, string Target, double PeakRelativeRisk);

/// <summary>How far an alert has come.</summary>
public enum AlertState
{
    /// <summary>Raised, not yet taken by any channel.</summary>
    Pending,

    /// <summary>Taken by at least one channel.</summary>
    Sent,

    /// <summary>Too old to be of use before any channel took it.</summary>
    Expired,

    /// <summary>Its window closed, or an attack was logged.</summary>
    Resolved,
}

/// <summary>The newest alert.</summary>
/// <param name="Raised">When it was raised.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Text">What it says; encoded on the page.</param>
/// <param name="Experimental">Whether forecasts have yet to beat the usual rate.</param>
public sealed record AlertToday(Instant Raised, AlertState State, string Text, bool Experimental);

/// <summary>A stretch in which something may have been lost.</summary>
/// <param name="Start">Its beginning.</param>
/// <param name="End">Its end; null while it goes on.</param>
/// <param name="Cause">Why, in words.</param>
public sealed record GapToday(Instant Start, Instant? End, string Cause);

/// <summary>One local date of the strip: its morning forecast, and what was logged on it.</summary>
public sealed record StripDay
{
    /// <summary>The local date.</summary>
    public required LocalDate Date { get; init; }

    /// <summary>The band of the morning forecast; null when none was made.</summary>
    public Band? Morning { get; init; }

    /// <summary>False when the morning fell into an attack or the 24 h after one.</summary>
    public bool AtRisk { get; init; } = true;

    /// <summary>Whether an alert was raised.</summary>
    public bool Alerted { get; init; }

    /// <summary>Migraine attacks that began on this date.</summary>
    public int Migraines { get; init; }

    /// <summary>Spasms that began on this date.</summary>
    public int Spasms { get; init; }

    /// <summary>How many of these episodes a risk window came before.</summary>
    public int Preceded { get; init; }
}

/// <summary>A logged episode, and whether a risk window came before it.</summary>
public sealed record EpisodeToday
{
    /// <summary>What it was.</summary>
    public required EpisodeType Type { get; init; }

    /// <summary>Onset; null when only the day is known.</summary>
    public Instant? Start { get; init; }

    /// <summary>The local day of a day-only onset.</summary>
    public LocalDate? Day { get; init; }

    /// <summary>When it ended; null while it goes on or when not known.</summary>
    public Instant? End { get; init; }

    /// <summary>0 to 10.</summary>
    public double? Severity { get; init; }

    /// <summary>When the risk window before it opened; null when there was none.</summary>
    public Instant? WindowOpened { get; init; }

    /// <summary>Whether that window was found in hindsight, not written down before its time.</summary>
    public bool Hindsight { get; init; }

    /// <summary>Whether a forecast with a known band was made in the 24 h before it.</summary>
    public bool Forecasted { get; init; }
}
