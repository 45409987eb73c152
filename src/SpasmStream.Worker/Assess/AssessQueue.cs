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
/// From the commit to the assessment. Bounded: when assessments fall behind a replay, the corridor waits
/// here, after its acknowledgements.
/// </summary>
sealed class AssessQueue
{
    readonly Channel<News> _news = Channel.CreateBounded<News>(4_096);

    public ChannelReader<News> Reader => _news.Reader;

    public async ValueTask AddAsync(List<Arrival> arrivals, CancellationToken cancellationToken)
    {
        var newest = new Dictionary<WearerId, News>();
        foreach (var (delivery, decoded, ignored) in arrivals)
            if (!ignored && decoded.Wearer is { } wearer
                && (!newest.TryGetValue(wearer, out var seen) || seen.Received <= delivery.Received))
                newest[wearer] = new News(wearer, delivery.Received, delivery.Replayed);
        foreach (var news in newest.Values)
            await _news.Writer.WriteAsync(news, cancellationToken);
    }
}
