using NodaTime;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Core.Features;

/// <summary>What the diary says about one activity day, but for meals.</summary>
sealed record DiaryMeasures(
    bool Contact, bool CheckedIn, double? Stress, double? Alcohol, double? Caffeine, bool MensesStart,
    bool SaidNoAttack);

/// <summary>
/// Folds diary entries (science 3.7). What nobody mentioned is 0 only on a day with a check-in, else missing
/// (design 9.7).
/// </summary>
static class DiaryFold
{
    public static DiaryMeasures Fold(LocalDate date, Interval day, IReadOnlyList<DiaryEntry> diary)
    {
        var checkIns = diary.OfType<CheckIn>().Where(entry => day.Contains(entry.At)).ToList();
        var triggers = TriggersOf(day, diary);
        return new DiaryMeasures(
            diary.Any(entry => Touches(entry, date, day)),
            checkIns.Count > 0,
            LastStressOf(checkIns),
            ServingsOf("alcohol", triggers, checkIns.Count > 0),
            ServingsOf("caffeine", triggers, checkIns.Count > 0),
            triggers.Any(static trigger =>
                trigger.Type == "menses" && trigger.Day is null or 1 && trigger.Quantity != 0),
            diary.OfType<NoAttack>().Any(entry => entry.Day == date));
    }

    /// <summary>The day's triggers in one order, whatever order they came in.</summary>
    public static IReadOnlyList<Trigger> TriggersOf(Interval day, IReadOnlyList<DiaryEntry> diary) =>
    [
        .. diary.OfType<Trigger>()
            .Where(trigger => day.Contains(trigger.At))
            .OrderBy(static trigger => trigger.At)
            .ThenBy(static trigger => trigger.Quantity)
            .ThenBy(static trigger => trigger.Id, StringComparer.Ordinal),
    ];

    static bool Touches(DiaryEntry entry, LocalDate date, Interval day) => entry switch
    {
        Episode episode => episode.Day == date
            || (episode.Start is { } start && day.Contains(start))
            || (episode.Logged is { } logged && day.Contains(logged)),
        NoAttack noAttack => noAttack.Day == date,
        Trigger trigger => day.Contains(trigger.At),
        Dose dose => day.Contains(dose.At),
        CheckIn checkIn => day.Contains(checkIn.At),
        _ => false,
    };

    static double? LastStressOf(IEnumerable<CheckIn> checkIns) =>
        checkIns.Where(static entry => entry.Stress is not null)
            .OrderBy(static entry => entry.At)
            .ThenBy(static entry => entry.Received)
            .ThenBy(static entry => entry.Id, StringComparer.Ordinal)
            .LastOrDefault()?.Stress;

    static double? ServingsOf(string type, IReadOnlyList<Trigger> triggers, bool isCheckedIn)
    {
        double? servings = isCheckedIn ? 0 : null;
        foreach (var trigger in triggers)
            if (trigger.Type == type)
                servings = (servings ?? 0) + ServingsOf(trigger);
        return servings;
    }

    /// <summary>
    /// A quantity counts servings, whatever they are called; grams of alcohol and milligrams of caffeine are
    /// turned into servings of 14 g and 80 mg, and a volume, whose strength nobody told, is one serving.
    /// </summary>
    static double ServingsOf(Trigger trigger) => (trigger.Quantity, trigger.Type, trigger.Unit) switch
    {
        (null, _, _) => 1,
        ({ } quantity, "alcohol", "g") => quantity / 14,
        ({ } quantity, "caffeine", "mg") => quantity / 80,
        ( > 0, _, "ml" or "mL" or "cl" or "cL" or "dl" or "dL" or "l" or "L" or "oz") => 1,
        ({ } quantity, _, _) => quantity,
    };
}
