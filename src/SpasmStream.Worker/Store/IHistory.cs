using NodaTime;
using SpasmStream.Core.Features;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// What one wearer sent and what we made of it, as it was known at any instant: the file, or a recording held
/// in memory for a backtest. Everything asked for "as of" an instant holds what had been received by then.
/// </summary>
interface IHistory
{
    /// <summary>The receipt of the first thing the wearer ever sent; null before that.</summary>
    Instant? FirstReceipt(WearerId wearer);

    /// <summary>
    /// Versions of sleep and diary objects stored after the one with that number, in order of receipt.
    /// </summary>
    IReadOnlyList<StoredEntry> Entries(WearerId wearer, long afterId);

    /// <summary>
    /// The UTC hours whose samples may have changed by what was received in (after, until], ascending; among
    /// them any that was not folded since it changed.
    /// </summary>
    IReadOnlyList<ChangedHour> ChangedHours(WearerId wearer, Instant after, Instant until);

    /// <summary>
    /// The winning samples that overlap [from, to), as of an instant, of the signals that the fold uses; and
    /// the readings of running counts up to an hour before and after.
    /// </summary>
    IReadOnlyList<Sample> Samples(WearerId wearer, Instant from, Instant to, Instant asOf);

    /// <summary>
    /// The newest summaries of the hours that start in [from, to), as of an instant, ascending.
    /// </summary>
    IReadOnlyList<HourSummary> Hours(WearerId wearer, Instant from, Instant to, Instant asOf);

    /// <summary>
    /// Whether the minutes of any hour that starts in [from, to) were given up for a digest: a day made of
    /// them stands as it was made.
    /// </summary>
    bool IsDigested(WearerId wearer, Instant from, Instant to);

    /// <summary>Keeps what one step of an assessment made, whole or not at all.</summary>
    Task SaveAsync(WearerId wearer, AssessedStep step, CancellationToken cancellationToken);
}

/// <summary>An hour to be folded again.</summary>
/// <param name="Start">Its start, UTC.</param>
/// <param name="Touches">How often it had been written to when this was read: more by now, and it is not
/// clean.</param>
readonly record struct ChangedHour(Instant Start, long Touches = 0);
