using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>What is too old to be kept, in Unix milliseconds, each on a full hour.</summary>
/// <param name="Raw">Samples before this are thinned.</param>
/// <param name="Minutes">Minutes of hours, and heart rate variability, before this.</param>
/// <param name="Done">Announcements that were sent, and the ids of messages, before this.</param>
sealed record Cutoffs(long Raw, long Minutes, long Done)
{
    /// <summary>So late a message may still come; nothing younger is ever given up.</summary>
    public const int LatenessDays = 35;

    const int DoneDays = 90;

    public static Cutoffs Of(StoreOptions options, Instant now) => new(
        Before(now, options.RawDays), Before(now, options.MinuteDays), Before(now, DoneDays));

    /// <summary>The same, but of samples and minutes nothing from an instant on.</summary>
    public Cutoffs NotPast(long? instant) => instant is not { } first ? this
        : this with { Raw = Math.Min(Raw, FullHour(first)), Minutes = Math.Min(Minutes, FullHour(first)) };

    public static long Before(Instant now, int days) => FullHour(Ms.Of(now - Duration.FromDays(days)));

    static long FullHour(long instant) => (long)Math.Floor(instant / 3_600_000.0) * 3_600_000;
}
