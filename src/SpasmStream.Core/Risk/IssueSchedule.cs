using NodaTime;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Core.Risk;

/// <summary>When a forecast is due.</summary>
/// <param name="At">The instant.</param>
/// <param name="Date">The local date it belongs to.</param>
/// <param name="Kind">Morning, evening or update.</param>
public readonly record struct IssueTime(Instant At, LocalDate Date, ForecastKind Kind);

/// <summary>
/// Which forecasts a local date asks for. It is causal: what is received at an instant changes no issue time
/// before that instant, so asking again with more records never takes back a forecast that was made.
/// </summary>
public static class IssueSchedule
{
    /// <summary>The issue times of a date in order: a morning, at most one update, an evening.</summary>
    /// <remarks>
    /// Morning: one hour after waking and not before the night is known, at the latest 09:00 local. A night
    /// that only becomes known after 09:00 and before 14:00 adds an update. Evening: 20:00 local. No
    /// morning is issued before 04:00, where the sleep day begins: a wearer awake at 02:00 is still in the
    /// night. What live events gave never asks for a forecast: the guess of the moment that a sleep is over
    /// may be undone by the next event, so it waits for 09:00 or for the complete record.
    /// </remarks>
    /// <param name="date">The local date.</param>
    /// <param name="profile">For the zone.</param>
    /// <param name="nights">
    /// Every version known so far of every sleep record that ends on that date in one of them.
    /// </param>
    /// <param name="withdrawals">What of them was taken back so far; null for nothing.</param>
    public static IReadOnlyList<IssueTime> DueOn(
        LocalDate date, WearerProfile profile, IReadOnlyList<SleepEpisode> nights,
        IReadOnlyList<Withdrawal>? withdrawals = null)
    {
        withdrawals ??= [];
        var dayStart = profile.At(date, new LocalTime(4, 0));
        var nine = profile.At(date, new LocalTime(9, 0));
        var two = profile.At(date, new LocalTime(14, 0));
        var morning = nine;
        Instant? update = null;
        foreach (var night in nights)
        {
            if (!IsMainCandidate(night) || ActivityDay.NightOf(profile, night.End) != date)
                continue;
            var due = Instant.Max(Instant.Max(night.End + Duration.FromHours(1), night.Received), dayStart);
            if (!IsCurrent(night, nights, withdrawals, due))
                continue;
            morning = Instant.Min(morning, due);
            if (night.Received > nine && night.Received < two)
                update = update is { } earlier ? Instant.Min(earlier, due) : due;
        }

        List<IssueTime> times = [new(morning, date, ForecastKind.Morning)];
        var evening = profile.At(date, new LocalTime(20, 0));
        if (update is { } at && at < evening && !nights.Any(night => night.Received <= nine
            && IsMainCandidate(night) && IsCurrent(night, nights, withdrawals, nine)
            && ActivityDay.NightOf(profile, night.End) == date))
            times.Add(new IssueTime(at, date, ForecastKind.Update));
        times.Add(new IssueTime(evening, date, ForecastKind.Evening));
        times.Sort(static (a, b) => a.At.CompareTo(b.At));
        return times;
    }

    static bool IsMainCandidate(SleepEpisode sleep) =>
        sleep.Main != false && !sleep.Provisional && SleepChoice.IsValidMain(sleep.End - sleep.Start);

    /// <summary>
    /// Whether neither a newer version of the same record nor its withdrawal had been received by then.
    /// </summary>
    static bool IsCurrent(SleepEpisode night, IReadOnlyList<SleepEpisode> all,
        IReadOnlyList<Withdrawal> withdrawals, Instant at)
    {
        foreach (var back in withdrawals)
            if (back.Received <= at && back.Id == night.Id && back.Device == night.Device
                && back.Revision >= night.Revision)
                return false;
        foreach (var other in all)
            if (other.Received <= at && other.Id == night.Id && other.Device == night.Device
                && (other.Revision > night.Revision
                    || (other.Revision == night.Revision && other.Received > night.Received)))
                return false;
        return true;
    }
}
