using SpasmStream.Core.Signals;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What reading a file came to.</summary>
/// <param name="Messages">Messages read.</param>
/// <param name="Samples">Values in them.</param>
/// <param name="Rejected">Messages and items refused.</param>
/// <param name="BadLines">Lines that are no message.</param>
sealed record ReadTally(long Messages, long Samples, long Rejected, long BadLines);

/// <summary>Replays a file through the engine that runs live, in memory.</summary>
sealed class Backtest(WearerDirectory directory)
{
    readonly SortedDictionary<string, (WearerId Wearer, Recording Recording)> _recordings =
        new(StringComparer.Ordinal);
    readonly WireDecoder _decoder = new();

    /// <summary>Reads the whole file; what is wrong in it is told by line.</summary>
    public ReadTally Read(string path, Action<int, string> bad)
    {
        var (messages, samples, rejected, badLines) = (0L, 0L, 0L, 0L);
        foreach (var delivery in NdjsonFile.Read(path, (line, fault) =>
            {
                badLines++;
                bad(line, fault);
            }))
        {
            messages++;
            var decoded = Add(delivery);
            samples += decoded.Samples.Count;
            rejected += decoded.Rejections.Count;
        }

        return new ReadTally(messages, samples, rejected, badLines);
    }

    /// <summary>Takes in one message; they may come in any order.</summary>
    public Decoded Add(Delivery delivery)
    {
        var arrival = Arrival.Of(delivery, _decoder.Decode(
            delivery.Topic, delivery.Payload, delivery.Received, DecodeLimits.AnyTime), directory);
        if (arrival is { Ignored: false, Decoded.Wearer: { } wearer })
        {
            if (!_recordings.TryGetValue(wearer.ToString(), out var held))
                _recordings[wearer.ToString()] = held = (wearer, new Recording());
            held.Recording.Add(delivery, arrival.Decoded);
        }

        return arrival.Decoded;
    }

    /// <summary>Every forecast of every wearer, judged by everything the file says.</summary>
    public async Task<IReadOnlyList<JudgedForecast>> RunAsync(CancellationToken cancellationToken)
    {
        var judged = new List<JudgedForecast>();
        foreach (var (wearer, recording) in _recordings.Values)
        {
            var tracked = new TrackedWearer(
                wearer, directory.ProfileOf(wearer), recording, EntryReading.With(_decoder));
            if (recording.LastReceipt is { } last)
                await tracked.AdvanceAsync(
                    last - TrackedWearer.ReplayHold, replayed: true, cancellationToken);
            tracked.LearnAll();
            foreach (var step in recording.Steps)
                if (step.Assessment is { Forecast: var forecast })
                    judged.Add(new JudgedForecast(wearer, forecast, "replayed", tracked.Label(forecast)));
        }

        return judged;
    }
}
