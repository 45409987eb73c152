namespace SpasmStream.Worker.Store;

/// <summary>A batch that was taken, and what to write when it is forwarded.</summary>
/// <param name="Batch">What was handed out.</param>
/// <param name="Points">As the file counts them: one each for what is mirrored.</param>
/// <param name="Names">Which of the mirrored each mirrored row of the batch is of.</param>
/// <param name="Next">
/// Of what was here before: where the next slice begins. Null for rows of the journal, which go.
/// </param>
sealed record ForwardTaken(
    ForwardBatch Batch, int Points, IReadOnlyList<MirrorName> Names, WalkPlace? Next);

/// <summary>Gathers a batch.</summary>
/// <param name="mirror">Reads what is mirrored.</param>
/// <param name="samples">Where measured values go; empty.</param>
sealed class ForwardGathering(MirrorSource mirror, List<ForwardSample> samples)
{
    readonly List<MirroredRow> _mirrored = [];
    readonly List<MirrorName> _names = [];

    public List<ForwardSample> Samples => samples;

    public int Points { get; set; }

    public void Mirror(MirrorName name)
    {
        foreach (var row in mirror.Of(name))
        {
            _mirrored.Add(row);
            _names.Add(name);
        }
    }

    public ForwardTaken Done(long upTo, WalkPlace? next) =>
        new(new ForwardBatch(upTo, samples, _mirrored), Points, _names, next);
}
