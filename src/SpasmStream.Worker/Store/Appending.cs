using System.Runtime.InteropServices;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>A delivery with what was read out of it.</summary>
/// <param name="Delivery">The message.</param>
/// <param name="Decoded">What it said.</param>
/// <param name="Ignored">
/// Whether a rule says to leave it unread (a retained message without an own instant).
/// </param>
sealed record Arrival(Delivery Delivery, Decoded Decoded, bool Ignored = false)
{
    /// <summary>Whose it was meant to be, also when it is refused.</summary>
    public WearerId? Named { get; init; } = Decoded.Wearer ?? NameIn(Delivery.Topic);

    /// <summary>What is to become of a delivery by what it says and by who is known here.</summary>
    public static Arrival Of(Delivery delivery, Decoded decoded, WearerDirectory wearers)
    {
        var named = decoded.Wearer ?? NameIn(delivery.Topic);
        if (delivery.Refused is { } why)
            decoded = decoded.Refuse(why, Explain(why));
        else if (decoded.Wearer is { } wearer && !wearers.Admits(wearer))
            decoded = decoded.Refuse(Reasons.Unauthorised, "This wearer is not listed; add it to Wearers.");
        // What the broker had kept is old: without an instant of its own nobody knows how old.
        var ignored = delivery.Retained && (!decoded.HasOwnInstant || delivery.Payload.IsEmpty);
        return new Arrival(delivery, decoded, ignored) { Named = named };
    }

    /// <summary>
    /// The outcome as far as the message alone tells it; whether it is news only the store knows.
    /// </summary>
    public DeliveryOutcome Foretell() =>
        !Ignored && Decoded.Rejections is [var first, ..]
            && (Decoded.Wearer is null || !Decoded.SaysAnything
                || Decoded.Rejections.Any(rejection => rejection.Index is null))
            ? new DeliveryOutcome(first.Reason) : DeliveryOutcome.Kept;

    static string Explain(string refused) => refused switch
    {
        Reasons.Properties => "More than 32 user properties.",
        Reasons.Bomb => "Unpacked it is more than 1 MiB or than a hundred times what was sent.",
        _ => "The user property content-encoding must be gzip, once, and the payload be packed so.",
    };

    // A topic that could not be read may name somebody all the same.
    static WearerId? NameIn(string topic) =>
        topic.Split('/', 6) is [_, _, _, var name, ..] && WearerId.IsValid(name) ? new WearerId(name) : null;
}

/// <summary>
/// Keeps everything a batch of deliveries said, and everything it could not say, in one transaction.
/// </summary>
static class Appending
{
    /// <summary>One outcome a delivery, in order.</summary>
    public static DeliveryOutcome[] Run(WriteSession session, IReadOnlyList<Arrival> batch)
    {
        session.Facts.Forget();
        var outcomes = new DeliveryOutcome[batch.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = Append(session, batch[i]);
        return outcomes;
    }

    static DeliveryOutcome Append(WriteSession session, Arrival arrival)
    {
        var (delivery, decoded) = (arrival.Delivery, arrival.Decoded);
        session.Count(Counter.MessagesReceived);
        session.Count(Counter.UnknownMembers, decoded.UnknownMembers);
        if (!delivery.Replayed)
            session.Hear(delivery.Received);
        // Not even the reason is kept of somebody whose data was erased: it would name them.
        if (arrival.Named is { } sender && session.Erased.Contains(sender))
        {
            session.Count(Counter.MessagesErased);
            return new DeliveryOutcome(Reasons.Unauthorised);
        }

        if (arrival.Ignored)
        {
            session.Count(Counter.MessagesIgnored);
            return DeliveryOutcome.Kept;
        }

        decoded = session.Caps.Refuse(session.Thinned.Refuse(decoded), delivery);
        var wasRefused = PutDeadLetters(session, delivery, decoded);
        if (decoded.Wearer is not { } name || IsRefusedWhole(decoded.Rejections))
        {
            session.Count(wasRefused ? Counter.MessagesDuplicate : Counter.MessagesDead);
            return new DeliveryOutcome(decoded.Rejections[0].Reason);
        }

        if (!decoded.HasOwnInstant && session.MessageKeys.IsRepeated(delivery))
        {
            session.Count(Counter.MessagesDuplicate);
            session.Count(Counter.SamplesDecoded, decoded.Samples.Count);
            session.Count(Counter.SamplesDuplicate, decoded.Samples.Count);
            return DeliveryOutcome.Kept;
        }

        if (decoded.SaysAnything)
            return Keep(session, delivery, decoded, session.Names.Wearer(name, delivery.Received));
        // Nobody becomes a wearer of whom nothing is kept.
        session.Count(wasRefused ? Counter.MessagesDuplicate
            : decoded.Rejections.Count > 0 ? Counter.MessagesDead : Counter.MessagesEmpty);
        return decoded.Rejections is [var first, ..]
            ? new DeliveryOutcome(first.Reason) : DeliveryOutcome.Kept;
    }

    static bool IsRefusedWhole(IReadOnlyList<Rejection> rejections) =>
        rejections.Count > 0 && rejections.Any(static rejection => rejection.Index is null);

    static DeliveryOutcome Keep(WriteSession session, Delivery delivery, Decoded decoded, long wearer)
    {
        var isNews = PutSamples(session, wearer, delivery, decoded)
            | PutEntries(session, wearer, delivery, decoded);
        session.Count(PutStatus(session, wearer, delivery, decoded) || isNews
            ? Counter.MessagesStored : Counter.MessagesDuplicate);
        return new DeliveryOutcome(null, isNews);
    }

    /// <summary>True when this is a second delivery of what was refused the first time.</summary>
    static bool PutDeadLetters(WriteSession session, Delivery delivery, Decoded decoded)
    {
        if (decoded.Rejections.Count == 0)
            return false;
        if (delivery.Dup && session.DeadLetters.Holds(delivery))
            return true;
        var pseudonym = decoded.Wearer is { } wearer
            && !decoded.Rejections.Any(r => r.Reason == Reasons.Unauthorised)
            ? PseudonymOf(session, wearer, delivery, decoded) : null;
        session.Count(Counter.DeadLetters, session.DeadLetters.Put(delivery, pseudonym, decoded.Rejections));
        session.Count(Counter.ItemsRefused, decoded.Rejections.Count);
        return false;
    }

    // Whoever makes up names and says nothing else would make wearers without end.
    static string? PseudonymOf(WriteSession session, WearerId wearer, Delivery delivery, Decoded decoded) =>
        decoded.SaysAnything && !IsRefusedWhole(decoded.Rejections)
            ? session.Names.Pseudonym(wearer, delivery.Received) : session.Names.Known(wearer);

    static bool PutSamples(WriteSession session, long wearer, Delivery delivery, Decoded decoded)
    {
        var fates = (Span<long>)stackalloc long[5];
        var samples = SpanOf(decoded.Samples);
        var (isNews, plain) = (false, 0);
        // Between the objects that have an id lie those that have none.
        foreach (var fact in decoded.Facts)
        {
            PutPlain(session, wearer, delivery, samples[plain..fact.First], fates);
            isNews |= session.Facts.Put(wearer, decoded, fact, delivery, fates);
            plain = fact.First + fact.Count;
        }

        PutPlain(session, wearer, delivery, samples[plain..], fates);
        session.Count(Counter.SamplesDecoded, decoded.Samples.Count);
        session.Count(Counter.SamplesStored, fates[(int)SampleFate.Stored]);
        var duplicates = fates[(int)SampleFate.Duplicate] + fates[(int)SampleFate.Earlier];
        session.Count(Counter.SamplesDuplicate, duplicates);
        session.Count(Counter.SamplesReplaced, fates[(int)SampleFate.Replaced]);
        session.Count(Counter.SamplesSuperseded, fates[(int)SampleFate.Superseded]);
        return isNews || duplicates < decoded.Samples.Count;
    }

    static void PutPlain(WriteSession session, long wearer, Delivery delivery, ReadOnlySpan<Sample> samples,
        Span<long> fates)
    {
        Series? series = null;
        var seriesId = 0L;
        foreach (ref readonly var read in samples)
        {
            if (!ReferenceEquals(series, read.Series))
                (series, seriesId) = (read.Series, session.Names.Series(wearer, read.Series));
            var fate = delivery.Replayed
                ? session.Samples.Put(seriesId, read with { Flags = read.Flags | SampleFlags.Replayed })
                : session.Samples.Put(seriesId, read);
            fates[(int)fate]++;
            // The mark of what is here already is in the commit that brought it.
            if (fate != SampleFate.Duplicate)
                session.Touch(wearer, seriesId, read);
        }
    }

    static ReadOnlySpan<Sample> SpanOf(IReadOnlyList<Sample> samples) => samples switch
    {
        Sample[] array => array,
        List<Sample> list => CollectionsMarshal.AsSpan(list),
        _ => samples.ToArray(),
    };

    static bool PutEntries(WriteSession session, long wearer, Delivery delivery, Decoded decoded)
    {
        var stored = 0;
        foreach (var entry in decoded.Entries)
        {
            if (session.Entries.Put(wearer, new StoredEntry(decoded.Device, decoded.Kind, entry.Key,
                    entry.Revision, entry.At, delivery.Received, delivery.Replayed, entry.Json.ToArray())))
                stored++;
            // Also when it was here already: an earlier receipt may make another version stand.
            if (decoded.Kind == "episode")
                session.Forward?.Mirror(MirroredKind.Episode, wearer, entry.Key);
        }

        session.Count(Counter.EntriesStored, stored);
        session.Count(Counter.EntriesDuplicate, decoded.Entries.Count - stored);
        return stored > 0;
    }

    static bool PutStatus(WriteSession session, long wearer, Delivery delivery, Decoded decoded) =>
        decoded.Status is { } status && session.Execute("""
            INSERT INTO device(wearer, name, at, received, online, battery, worn, charging)
            VALUES($w, $n, $a, $r, $o, $b, $x, $c) ON CONFLICT DO UPDATE SET at=excluded.at,
                received=excluded.received, online=excluded.online,
                battery=coalesce(excluded.battery, battery), worn=coalesce(excluded.worn, worn),
                charging=coalesce(excluded.charging, charging)
            WHERE excluded.at > at OR (excluded.at = at AND excluded.received > received)
            """,
            ("$w", wearer), ("$n", decoded.Device), ("$a", Ms.Of(status.At)),
            ("$r", Ms.Of(delivery.Received)), ("$o", status.Online ? 1 : 0), ("$b", status.Battery),
            ("$x", status.Worn is { } worn ? worn ? 1 : 0 : null),
            ("$c", status.Charging is { } charging ? charging ? 1 : 0 : null)) > 0;
}
