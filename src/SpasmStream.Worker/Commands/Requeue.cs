using System.Data;
using NodaTime;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Sends refused messages through the decoder and the commit once more, with the receipt they had. What is
/// good now leaves the dead letters in the transaction that keeps it; the rest stays as it is.
/// </summary>
/// <remarks>
/// What it says has the receipt it came with and is marked as replayed. So a backtest over an export may know
/// it at an instant at which the live forecasts did not: that each knew what the other knows holds only for
/// what was not read again.
/// </remarks>
sealed class Requeue(StoppedStore store, IDbConnection reader, Settings settings)
{
    const int MessagesPerCommit = 200;

    readonly WireDecoder _decoder = new();
    readonly WearerDirectory _wearers = new(settings.ListedWearers(), settings.AdmitsStrangers);

    // Whoever has a pseudonym was taken in when the message came.
    readonly WearerDirectory _admitted = new(settings.ListedWearers(), admitsStrangers: true);

    public RequeueTally Tally { get; } = new();

    public async Task RunAsync(
        IReadOnlyList<long> messages, Action<long> done, CancellationToken cancellationToken)
    {
        foreach (var chunk in messages.Chunk(MessagesPerCommit))
        {
            if (cancellationToken.IsCancellationRequested)
            {
                Tally.Stopped = true;
                return;
            }

            var good = chunk.Select(Read).OfType<GoodNow>().ToList();
            // Not cancelled: what was begun is finished, so that what is told is what is there.
            var (kept, gone, refused) = await store.Writer.RunAsync(
                session => Keep(session, good), CancellationToken.None);
            Tally.Good += kept;
            Tally.Rows += gone;
            foreach (var (message, why) in refused)
                Stays(message.Leaving, why);
            done(chunk.Length);
        }
    }

    static (int Kept, int Gone, List<(GoodNow, Rejection)> Refused) Keep(
        WriteSession session, List<GoodNow> good)
    {
        var (kept, gone, refused) = (0, 0, new List<(GoodNow, Rejection)>());
        foreach (var message in good)
        {
            if (message.Leaving.All(ForwardLetter.Is))
            {
                // Here it was kept all along.
                ForwardLetter.SendAgain(session, message.Arrival);
                kept++;
                gone += session.DeadLetters.Remove(message.Leaving);
                continue;
            }

            // Asked before anything is written: what is refused again gets no second dead letter.
            var why = Refusal(session, message.Arrival);
            if (why is null && Appending.Run(session, [message.Arrival])[0].Reason is { } reason)
                why = new Rejection(reason, "The store refused it.");
            if (why is not null)
            {
                refused.Add((message, why));
                continue;
            }

            kept++;
            gone += session.DeadLetters.Remove(message.Leaving);
        }

        session.Count(Counter.DeadLettersRequeued, gone);
        return (kept, gone, refused);
    }

    // What only the store knows.
    static Rejection? Refusal(WriteSession session, Arrival arrival)
    {
        if (arrival.Named is { } sender && session.Erased.Contains(sender))
            return new Rejection(Reasons.Unauthorised, "Its wearer was erased.");
        var decoded = session.Thinned.Refuse(arrival.Decoded);
        return (arrival with { Decoded = decoded }).Foretell().Reason is null ? null : decoded.Rejections[0];
    }

    /// <summary>Null when nothing of the message is better than it was.</summary>
    GoodNow? Read(long id)
    {
        var rows = DeadLetterRow.Siblings(reader, id);
        if (rows.Count == 0)
            return null;
        Tally.Messages++;
        if (rows[0].IsCut)
        {
            Stays(rows, new Rejection("cut", $"Only {rows[0].Kept} of {rows[0].Size} bytes were kept."));
            return null;
        }

        var arrival = Decode(rows[0]);
        var refused = arrival.Decoded.Rejections;
        if (rows.All(ForwardLetter.IsMirrored))
            return new GoodNow(arrival, rows);
        if (arrival.Foretell().Reason is not null)
        {
            Stays(rows, refused[0]);
            return null;
        }

        var staying = rows.Where(row => refused.Any(rejection => StandsFor(row, rejection))).ToList();
        foreach (var row in staying)
            Stays([row], refused.First(rejection => StandsFor(row, rejection)));
        var leaving = rows.Except(staying).ToList();
        // What has its row already gets no second one; an item that is refused for the first time does.
        var fresh = refused.Where(rejection => !staying.Exists(row => StandsFor(row, rejection))).ToList();
        return leaving.Count == 0 ? null
            : new GoodNow(arrival with { Decoded = arrival.Decoded with { Rejections = fresh } }, leaving);
    }

    Arrival Decode(DeadLetterRow row)
    {
        var delivery = new Delivery
        {
            Topic = row.Topic,
            Payload = row.Payload(reader),
            Received = row.Received,
            // Its receipt is not of now: what it says was not known at the forecasts made since.
            Replayed = true,
        };
        // Whatever its receipt says, it was not later than now, and not later than it was written down.
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        var limits = row.Replayed || settings.Intake.Replay ? DecodeLimits.AnyTime : DecodeLimits.Live
            .AlsoBy(row.Received - Instant.Min(row.Received, now))
            .AlsoBy(row.Received - Instant.Max(row.Received, row.Written));
        var decoded = _decoder.Decode(delivery.Topic, delivery.Payload, delivery.Received, limits);
        return Arrival.Of(delivery, decoded, row.Pseudonym is null ? _wearers : _admitted);
    }

    // The last row of a message may stand for all items from its own on.
    static bool StandsFor(DeadLetterRow row, Rejection rejection) => row.Item is { } item
        && (rejection.Index == item || (row.Items > 1 && rejection.Index > item));

    void Stays(IReadOnlyList<DeadLetterRow> rows, Rejection why)
    {
        Tally.Stay += rows.Count;
        foreach (var row in rows)
            if (Tally.Staying.Count < RequeueTally.StayingMax)
                Tally.Staying.Add(new Staying(row.Id, why.Reason, why.Detail));
    }

    sealed record GoodNow(Arrival Arrival, IReadOnlyList<DeadLetterRow> Leaving);
}

/// <summary>What became of dead letters that were read again.</summary>
sealed class RequeueTally
{
    public const int StayingMax = 1_000;

    /// <summary>Messages read again.</summary>
    public long Messages { get; set; }

    /// <summary>Of those, the ones of which something is kept now.</summary>
    public long Good { get; set; }

    /// <summary>Dead letters that left.</summary>
    public long Rows { get; set; }

    /// <summary>Dead letters that stay.</summary>
    public long Stay { get; set; }

    /// <summary>Whether it was stopped before its end.</summary>
    public bool Stopped { get; set; }

    /// <summary>The first thousand that stay, and why.</summary>
    public List<Staying> Staying { get; } = [];
}

/// <summary>A dead letter that stays one, with the reason it has now.</summary>
sealed record Staying(long Id, string Reason, string Detail);
