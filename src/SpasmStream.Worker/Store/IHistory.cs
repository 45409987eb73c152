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
    /// Versions of sleep and diary objects received in (after, until], in order of receipt.
    /// </summary>
    IReadOnlyList<StoredEntry> Entries(WearerId wearer, Instant after, Instant until);

    /// <summary>
    /// Starts of the UTC hours whose samples may have changed by <paramref name="until"/>, ascending.
    /// </summary>
    IReadOnlyList<Instant> ChangedHours(WearerId wearer, Instant after, Instant until);

    /// <summary>The winning samples that overlap [from, to), as of an instant.</summary>
    IReadOnlyList<Sample> Samples(WearerId wearer, Instant from, Instant to, Instant asOf);

    /// <summary>
    /// The newest summaries of the hours that start in [from, to), as of an instant, ascending.
    /// </summary>
    IReadOnlyList<HourSummary> Hours(WearerId wearer, Instant from, Instant to, Instant asOf);

    /// <summary>Keeps what one step of an assessment made, whole or not at all.</summary>
    Task SaveAsync(WearerId wearer, AssessedStep step, CancellationToken cancellationToken);
}
