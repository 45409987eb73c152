using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// When all is calm: what was sent, what the broker forgot and what is kept are laid side by side. Nothing
/// may be lost, doubled, invented or changed.
/// </summary>
sealed class SimCheck(World world, ModelBroker broker, ModelInflux influx)
{
    readonly List<(long Start, long? End, string Cause)> _gaps = world.Book.Gaps();

    public void Look()
    {
        foreach (var message in world.Ledger.Messages)
            Class(message);
        foreach (var number in world.Kept.Messages.Keys)
            world.Must(number < world.Ledger.Messages.Count, $"phantom: message {number}");
        CompareSamples();
        CompareForwarded();
        foreach (var loss in broker.Losses)
            if (loss is { WasWrittenDown: true, IsExcused: false })
                world.Must(IsInGap(loss.At), $"D9: a session was lost at {TimeSpan.FromTicks(loss.At)}, and "
                    + "no gap tells of it: " + string.Join(", ", _gaps.Select(gap =>
                    $"{TimeSpan.FromTicks(gap.Start)} to {TimeSpan.FromTicks(gap.End ?? 0)}")));
        world.Must(_gaps.TrueForAll(gap => gap.End is not null), "D9: a gap was never closed");
    }

    void Class(SentMessage message)
    {
        if (world.Kept.Messages.TryGetValue(message.Number, out var kept))
        {
            // What the broker had kept may come as it was published first, or as retained.
            var isRight = kept.Fate == message.Fate
                || (message is { Retain: true, Fate: SentFate.Ignored } && kept.Fate == SentFate.Stored);
            world.Must(isRight, $"message {message.Number} was {kept.Fate}, not {message.Fate}");
            return;
        }

        if (message.Qos == 0 || message.AcceptedAt is null)
            return;
        if (message.ForgottenAt is not { } forgotten)
            world.Break($"lost: message {message.Number}");
        else if (broker.Losses.LastOrDefault(loss => loss.At <= forgotten)
            is { WasWrittenDown: true, IsExcused: false })
            world.Must(IsInGap(forgotten), $"D9: message {message.Number} was forgotten by the broker at "
                + $"{TimeSpan.FromTicks(forgotten)}, and no gap tells of it");
    }

    // Which value stands, told anew from the receipts of the messages alone.
    void CompareSamples()
    {
        var expected =
            new Dictionary<(int Device, long Start), (int Revision, long Received, double Value)>();
        for (var i = 0; i < world.Ledger.Samples.Count; i++)
        {
            var sample = world.Ledger.Samples[i];
            if (!world.Kept.Messages.TryGetValue(sample.Message, out var kept))
                continue;
            var rival = (sample.Revision, kept.Received, Ledger.ValueOf(i));
            var key = (sample.Device, sample.Start);
            if (!expected.TryGetValue(key, out var best) || rival.CompareTo(best) > 0)
                expected[key] = rival;
        }

        foreach (var (identity, standing) in world.Kept.Samples)
        {
            var device = int.Parse(identity.Series.Device["watch".Length..]);
            if (!expected.Remove((device, identity.Start), out var best))
                world.Break($"phantom: a sample of device {device} at {identity.Start}");
            else if (!best.Value.Equals(standing.Value)
                || identity.Wearer.ToString() != Ledger.Wearer(device))
                world.Break($"D5: at {identity.Start} of device {device} stands {standing.Value}, "
                    + $"not {best.Value}");
        }

        foreach (var (device, start) in expected.Keys)
            world.Break($"lost: a sample of device {device} at {start}, though its message is kept");
    }

    // Each identity is one point there, with the value that stands; only what is refused may be missing.
    void CompareForwarded()
    {
        var points = influx.Points.Where(point => !point.Key.StartsWith(LineTable.Canary,
            StringComparison.Ordinal)).Select(point => point.Value).ToHashSet();
        foreach (var refused in world.Kept.Refused)
            world.Must(influx.RefusedAlone.Contains(refused), $"I2: {refused} is a dead letter of the "
                + "forwarder, and was never refused alone");
        foreach (var (identity, standing) in world.Kept.Samples)
            if (!points.Remove(standing.Value) && !world.Kept.Refused.Contains(standing.Value))
                world.Break($"not forwarded: at {identity.Start} of {identity.Series.Device} stands "
                    + $"{standing.Value}");
        // An older version may stand where the newest was refused.
        foreach (var value in points)
            world.Must(world.Ledger.SampleOf(value) is >= 0 and var sample && RefusedLater(sample),
                $"InfluxDB holds {value}, and the journal does not");
    }

    bool RefusedLater(int sample)
    {
        var (_, device, start, _) = world.Ledger.Samples[sample];
        return world.Kept.Samples.Any(it => it.Key.Start == start
            && it.Key.Series.Device == Ledger.Device(device) && world.Kept.Refused.Contains(it.Value.Value));
    }

    bool IsInGap(long at)
    {
        // The file has whole milliseconds.
        const long Blur = TimeSpan.TicksPerMillisecond;
        return _gaps.Exists(gap => gap.Start <= at + Blur && (gap.End is null || gap.End >= at - Blur));
    }
}
