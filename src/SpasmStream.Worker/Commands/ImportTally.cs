using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What an import read and what became of it.</summary>
sealed class ImportTally(bool dryRun)
{
    /// <summary>Whether nothing was written.</summary>
    public bool DryRun { get; } = dryRun;

    /// <summary>
    /// Whether it was stopped before its end: all told here is kept, the rest was not read.
    /// </summary>
    public bool Stopped { get; set; }

    public long Messages { get; private set; }

    /// <summary>Messages refused as a whole, or of which nothing could be kept.</summary>
    public long Dead { get; private set; }

    /// <summary>Lines that hold no message.</summary>
    public int BadLines { get; set; }

    public long Samples { get; private set; }

    public long Entries { get; private set; }

    public double Seconds { get; set; }

    /// <summary>By the last level of the topic; <c>unknown</c> where the topic itself is refused.</summary>
    public SortedDictionary<string, KindTally> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>Refused messages and refused items of batches, by reason code.</summary>
    public SortedDictionary<string, long> Reasons { get; } = new(StringComparer.Ordinal);

    public void Add(Arrival arrival, DeliveryOutcome outcome)
    {
        var decoded = arrival.Decoded;
        var kind = decoded.Kind.Length == 0 ? "unknown" : decoded.Kind;
        if (!Kinds.TryGetValue(kind, out var counts))
            Kinds[kind] = counts = new KindTally();
        Messages++;
        counts.Messages++;
        Samples += decoded.Samples.Count;
        counts.Samples += decoded.Samples.Count;
        Entries += decoded.Entries.Count;
        counts.Entries += decoded.Entries.Count;
        if (outcome.Reason is not null)
            Dead++;
        foreach (var rejection in decoded.Rejections)
            Reasons[rejection.Reason] = Reasons.GetValueOrDefault(rejection.Reason) + 1;
    }
}

/// <summary>What was read of one kind.</summary>
sealed class KindTally
{
    public long Messages { get; set; }

    public long Samples { get; set; }

    public long Entries { get; set; }
}
