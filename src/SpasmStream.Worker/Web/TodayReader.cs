using NodaTime;

namespace SpasmStream.Worker.Web;

/// <summary>Reads what the page shows, all of it at one instant.</summary>
sealed class TodayReader(
    Func<Instant, IReadOnlyList<WearerToday>> wearers, Func<Tally> tally, TimeProvider time,
    Func<string?>? link = null)
{
    /// <summary>The page as of now; throws what the store throws.</summary>
    public TodayView Read()
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        return new TodayView(now, wearers(now), tally(), link?.Invoke());
    }
}
