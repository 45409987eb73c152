using NodaTime;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Risk;

/// <summary>What one issue time led to.</summary>
/// <param name="Forecast">The forecast for the ledger.</param>
/// <param name="Window">What it did to the risk windows; null for nothing.</param>
/// <param name="Alert">The alert that went with it; null for none.</param>
public sealed record Assessment(Forecast Forecast, WindowChange? Window, Alert? Alert);

/// <summary>
/// Everything the engine knows about one wearer: a fold over day summaries, diary entries and its own
/// forecasts. Fed the same things it says the same, bit for bit. It keeps no clock: the caller feeds what
/// had been received by an issue time before it asks for that issue time. One thread at a time.
/// </summary>
public sealed class WearerRisk(WearerProfile profile)
{
    /// <summary>What is forecast; spasms have no forecast of their own yet.</summary>
    public const string Target = "migraine";

    /// <summary>Nothing is fitted yet, so the skill gate stays in its first state.</summary>
    const string Gate = "learning";

    readonly Dictionary<LocalDate, DaySummary> _days = [];
    readonly DiaryLog _diary = new(profile);
    readonly Menses _menses = new();
    readonly ForecastLog _past = new();
    readonly WindowFold _windows = new();
    LocalDate? _firstDay;
    Instant? _lastContact;

    /// <summary>Every risk window so far, in order; the last may be open.</summary>
    public IReadOnlyList<RiskWindow> Windows => _windows.All;

    /// <summary>The attacks as known now.</summary>
    public AttackHistory Attacks => _diary.Attacks;

    /// <summary>Takes in a day; of two versions of a date the one known later stays.</summary>
    public void Observe(DaySummary day)
    {
        if (_days.TryGetValue(day.Date, out var held) && held.KnownAt > day.KnownAt)
            return;
        _days[day.Date] = day;
        _menses.Observe(day);
        Meet(day.Date);
        if (day.DiaryContact)
            Contact(day.Start);
    }

    /// <summary>
    /// Takes in a version of a diary entry: the higher revision stays, else the one received later.
    /// </summary>
    public void Observe(DiaryEntry entry)
    {
        _diary.Observe(entry);
        Contact(entry.Received);
    }

    /// <summary>Takes in that a diary entry was taken back: a touch of the diary as well.</summary>
    public void Observe(Withdrawal withdrawal)
    {
        ArgumentNullException.ThrowIfNull(withdrawal);
        if (withdrawal.Device != "diary")
            return;
        _diary.Observe(withdrawal);
        Contact(withdrawal.Received);
    }

    /// <summary>
    /// Takes in a forecast that was issued: on restart the stored ones, oldest first. Other targets, and
    /// what is not later than the last one, change nothing.
    /// </summary>
    public void Observe(Forecast issued) => Fold(issued);

    /// <summary>
    /// Makes the forecast of an issue time, takes it in, and tells what changed. What had been received by
    /// then the caller knows, and states as <see cref="Forecast.DataUntil"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An issue time not later than the last one.</exception>
    public Assessment Assess(IssueTime at)
    {
        if (_past.All is [.., var last])
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(at.At, last.Issue.At);
        Meet(at.Date);
        var forecast = Make(at);
        var alerts = AlertBudget.Admits(forecast, _past, profile.AlertMode, _firstDay!.Value)
            && !_windows.HasSpoken;
        if (alerts)
            forecast = forecast with { Alerted = true, Band = Band.High };
        var change = Fold(forecast);
        var alert = alerts ? Alert.Of(forecast, _windows.Open!.Start, profile) : null;
        return new Assessment(forecast, change, alert);
    }

    /// <summary>
    /// Whether an onset lies in the 24 h after an issue time, as known now; null while that is open or when
    /// the wearer was not at risk.
    /// </summary>
    public bool? Label(IssueTime at) => _diary.Attacks.PhaseAt(at.At) == AttackPhase.Free
        ? _diary.Attacks.Label(at, _lastContact, SaidNoAttack)
        : null;

    Forecast Make(IssueTime at)
    {
        var attacks = _diary.Attacks;
        var days = new PastDays(at.Date, _days, attacks);
        var context = new IssueContext(at, days, _diary, _menses, _lastContact);
        var readings = new FeatureReading[FeatureTable.All.Count];
        for (var j = 0; j < readings.Length; j++)
            readings[j] = FeatureTable.All[j].Read(context);
        var usual = UsualVector.From(at, _past, attacks, _firstDay!.Value, readings);
        var picture = new Picture(readings, usual);
        var baseRate = BaseRate.Of(profile.StatedOnsetRate, Outcomes(at.At));
        var phase = attacks.PhaseAt(at.At);
        var isKnown = phase == AttackPhase.Free && picture.Coverage >= Picture.EnoughCoverage;
        double? probability = isKnown ? PriorEngine.Probability(baseRate, picture.Terms()) : null;
        return new Forecast
        {
            Issued = at.At,
            Date = at.Date,
            Kind = at.Kind,
            Target = Target,
            Probability = probability,
            BaseRate = baseRate,
            Band = Bands.Of(probability / baseRate),
            AtRisk = phase == AttackPhase.Free,
            Gap = phase switch
            {
                AttackPhase.Attack => "attack",
                AttackPhase.AfterAttack => "after_attack",
                _ => isKnown ? null : picture.Gap(),
            },
            Coverage = picture.Coverage,
            Gate = Gate,
            Model = PriorEngine.Model,
            Features = picture.Uses(),
            Reasons = isKnown ? picture.Reasons() : [],
        };
    }

    WindowChange? Fold(Forecast issued)
    {
        if (issued.Target != Target || (_past.All is [.., var last] && issued.Issued <= last.Issue.At))
            return null;
        Meet(issued.Date);
        _past.Add(issued);
        return _windows.Observe(issued);
    }

    /// <summary>
    /// The scored issue times that were at risk, as known now, and are far enough back to be settled.
    /// </summary>
    IEnumerable<PastOutcome> Outcomes(Instant at)
    {
        foreach (var row in _past.Mornings)
        {
            var age = at - row.Issue.At;
            if (age < BaseRate.Settling)
                yield break;
            if (Label(row.Issue) is { } onset)
                yield return new PastOutcome(age.TotalDays, onset);
        }
    }

    bool SaidNoAttack(LocalDate day) =>
        _diary.SaidNoAttack(day) || (_days.TryGetValue(day, out var summary) && summary.SaidNoAttack);

    void Meet(LocalDate date)
    {
        if (_firstDay is not { } first || date < first)
            _firstDay = date;
    }

    void Contact(Instant at)
    {
        if (_lastContact is not { } last || at > last)
            _lastContact = at;
    }
}
