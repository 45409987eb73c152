using System.Text.Json;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>A dead letter of what is kept here and was refused by InfluxDB alone.</summary>
static class ForwardLetter
{
    const string Out = "spasmstream/v1/out/";

    public static bool Is(DeadLetterRow row) =>
        row.Reason.StartsWith(ForwardMark.Prefix, StringComparison.Ordinal);

    /// <summary>Whether it is of something mirrored, which no message can say.</summary>
    public static bool IsMirrored(DeadLetterRow row) =>
        Is(row) && row.Topic.StartsWith(Out, StringComparison.Ordinal);

    public static string TopicOf(WearerId wearer, MirroredKind kind) =>
        $"{Out}{wearer}/{kind.ToString().ToLowerInvariant()}";

    /// <summary>
    /// Forwards what stands where its samples do, which may be another value by now. It is not kept anew: the
    /// message has no id, and would say once more what its sender may take back by one.
    /// </summary>
    public static void SendAgain(WriteSession session, Arrival letter)
    {
        // Without a target nothing waits, and a later one is told everything.
        if (session.Forward is not { } forward)
            return;
        if (letter.Delivery.Topic.StartsWith(Out, StringComparison.Ordinal))
        {
            MirrorAgain(session, forward, letter.Delivery);
            return;
        }

        if (letter.Decoded.Wearer is not { } name)
            return;
        var wearer = session.Names.Wearer(name, letter.Delivery.Received);
        foreach (var sample in letter.Decoded.Samples)
        {
            var series = session.Names.Series(wearer, sample.Series);
            var key = new SampleKey(series, sample.Series.Signal, Ms.Of(sample.Start),
                (long)sample.Duration.TotalMilliseconds);
            // What is thinned here can only be told from the letter.
            if (!session.Samples.ForwardAgain(key))
                forward.Add(new PackedSample(series, key.Start, key.Duration, sample.Value,
                    Ms.Of(sample.Received), sample.Quality ?? double.NaN,
                    (short)(sample.OffsetMinutes ?? ForwardSample.NoOffset), false));
        }
    }

    static void MirrorAgain(WriteSession session, ForwardTable forward, Delivery letter)
    {
        var name = letter.Topic[Out.Length..].Split('/')[0];
        if (JsonSerializer.Deserialize<MirrorLetter>(letter.Payload.Span, Json.Options) is { } mirrored
            && session.Scalar<long?>("SELECT id FROM wearer WHERE name=$n", ("$n", name)) is { } wearer)
            forward.Mirror(mirrored.Kind, wearer, mirrored.Of);
    }
}

/// <summary>The payload of such a letter.</summary>
sealed record MirrorLetter(MirroredKind Kind, string Of);
