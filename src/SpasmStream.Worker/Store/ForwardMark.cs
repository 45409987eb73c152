using System.Text.Json;
using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Notes that a batch was forwarded: its rows go, or the walk moves on, and what was refused is a dead letter
/// from then on, all in one commit. The sample itself stays.
/// </summary>
static class ForwardMark
{
    /// <summary>
    /// What the reason of a point that InfluxDB refused begins with: such a letter is no message that came.
    /// </summary>
    public const string Prefix = "influx:";

    public static void Write(
        WriteSession session, ForwardTaken taken, IReadOnlyList<RefusedPoint> refused, WriteSample write)
    {
        var points = (long)taken.Points;
        if (taken.Next is { } next)
        {
            ForwardTarget.Move(session, next);
            session.Count(Counter.PointsJournalled, points);
        }
        else
        {
            // Some of them may have been given up meanwhile, and were counted then.
            var upTo = ("$i", (object?)taken.Batch.UpTo);
            points = session.Scalar<long>("SELECT coalesce(sum(points), 0) FROM forward WHERE id<=$i", upTo);
            if (points > taken.Points)
                throw new InvalidOperationException("More would be marked as forwarded than was taken.");
            session.Execute("DELETE FROM forward WHERE id<=$i", upTo);
        }

        var lost = Letters(session, taken, refused, write);
        session.Count(Counter.PointsRefused, Math.Min(lost, points));
        session.Count(Counter.PointsForwarded, points - Math.Min(lost, points));
    }

    /// <summary>How many points are refused: of what makes several rows, all of them are one.</summary>
    static long Letters(
        WriteSession session, ForwardTaken taken, IReadOnlyList<RefusedPoint> refused, WriteSample write)
    {
        var samples = taken.Batch.Samples.Count;
        var seen = new HashSet<MirrorName>();
        var lost = 0;
        foreach (var point in refused.DistinctBy(point => point.Index))
        {
            if (point.Index < samples)
            {
                Put(session, taken.Batch.Samples[point.Index], point, write);
                lost++;
            }
            else if (seen.Add(taken.Names[point.Index - samples]))
            {
                Put(session, taken.Batch.Mirrored[point.Index - samples], taken.Names[point.Index - samples],
                    point);
                lost++;
            }
        }

        return lost;
    }

    static void Put(WriteSession session, in ForwardSample point, RefusedPoint refused, WriteSample write)
    {
        // Nothing is kept of somebody who was erased while it was on its way.
        if (NameOf(session, point.Series.Wearer) is not { } wearer)
            return;
        var sample = new Sample
        {
            Series = point.Series.Series,
            Start = Ms.ToInstant(point.Start),
            Duration = Duration.FromMilliseconds(point.Duration),
            Value = point.Value,
            Received = Ms.ToInstant(point.Received),
            Quality = double.IsNaN(point.Quality) ? null : point.Quality,
            OffsetMinutes = point.OffsetMinutes == ForwardSample.NoOffset ? null : point.OffsetMinutes,
        };
        var message = write(wearer, sample);
        Put(session, message.Topic, message.Payload, sample.Received, point.Series.Wearer, refused);
    }

    static void Put(WriteSession session, MirroredRow row, MirrorName name, RefusedPoint refused)
    {
        if (NameOf(session, row.Wearer) is { } wearer)
            Put(session, ForwardLetter.TopicOf(wearer, row.Kind),
                JsonSerializer.SerializeToUtf8Bytes(
                    new MirrorLetter(name.Kind, name.Reference), Json.Options),
                Ms.ToInstant(session.Now), row.Wearer, refused);
    }

    static void Put(WriteSession session, string topic, byte[] payload, Instant received, string pseudonym,
        RefusedPoint refused)
    {
        var delivery = new Delivery
        {
            Topic = topic,
            Payload = payload,
            Received = received,
            // It is as old as its value: no limit of live messages holds for it.
            Replayed = true,
        };
        var reason = refused.Reason.StartsWith(Prefix, StringComparison.Ordinal)
            ? refused.Reason : Prefix + refused.Reason;
        session.Count(Counter.DeadLetters, session.DeadLetters.Put(
            delivery, pseudonym, [new Rejection(reason, refused.Detail)]));
    }

    static WearerId? NameOf(WriteSession session, string pseudonym) =>
        session.Connection.ExecuteScalar<string?>(
            "SELECT name FROM wearer WHERE pseudonym=@pseudonym", new { pseudonym }) is { } name
            ? new WearerId(name) : null;
}
