using System.Threading.Channels;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Assess;

/// <summary>News of one wearer: something of theirs was committed.</summary>
/// <param name="Wearer">Whose.</param>
/// <param name="Received">The newest receipt among it.</param>
/// <param name="Replayed">Whether that receipt was stated by the sender.</param>
readonly record struct News(WearerId Wearer, Instant Received, bool Replayed);

/// <summary>
/// From the commit to the assessment. Bounded: when assessments fall behind a replay, the corridor waits here,
/// after its acknowledgements.
/// </summary>
sealed class AssessQueue
{
    readonly Channel<News> _news = Channel.CreateBounded<News>(4_096);

    public ChannelReader<News> Reader => _news.Reader;

    /// <summary>
    /// Tells of a committed batch. A replay's time is that of what it left here, so that the file alone can tell
    /// it again; on our own clock any sign of life is news.
    /// </summary>
    public async ValueTask AddAsync(
        List<Arrival> arrivals, DeliveryOutcome[] outcomes, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<(WearerId, bool IsLive), News>();
        for (var i = 0; i < arrivals.Count; i++)
        {
            var (delivery, decoded, ignored) = arrivals[i];
            if (ignored || decoded.Wearer is not { } wearer || (delivery.Replayed && !outcomes[i].IsNews))
                continue;
            var key = (wearer, !delivery.Replayed);
            if (!newest.TryGetValue(key, out var seen) || seen.Received <= delivery.Received)
                newest[key] = new News(wearer, delivery.Received, delivery.Replayed);
        }

        // What was replayed comes first: once a wearer is live, missed issue times stay missed.
        foreach (var (_, news) in newest.OrderBy(item => item.Key.IsLive))
            await _news.Writer.WriteAsync(news, cancellationToken);
    }
}
