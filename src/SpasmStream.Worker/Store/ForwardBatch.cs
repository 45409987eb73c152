namespace SpasmStream.Worker.Store;

/// <summary>
/// Points to be sent on, in the order of their commits: a later one of the same identity wins.
/// </summary>
/// <param name="UpTo">The journal's own mark of how far this goes.</param>
/// <param name="Samples">Measured values.</param>
/// <param name="Mirrored">What we made of them, for whoever draws it.</param>
sealed record ForwardBatch(
    long UpTo, IReadOnlyList<ForwardSample> Samples, IReadOnlyList<MirroredRow> Mirrored)
{
    public int Points => Samples.Count + Mirrored.Count;
}

/// <summary>What all samples of a series have in common; one object a series, to be looked up by.</summary>
/// <param name="Wearer">The wearer's pseudonym.</param>
/// <param name="Series">Device, signal, stat and source.</param>
sealed record ForwardSeries(string Wearer, Core.Signals.Series Series);

/// <summary>The value that stood for an identity when it was committed.</summary>
/// <param name="Series">Which stream it belongs to.</param>
/// <param name="Start">Unix milliseconds.</param>
/// <param name="Duration">Milliseconds; 0 for an instant.</param>
/// <param name="Value">In the unit of its signal.</param>
/// <param name="Received">Unix milliseconds of its first receipt.</param>
/// <param name="Quality">0 to 1; NaN when unknown.</param>
/// <param name="OffsetMinutes">The wearer's UTC offset; <see cref="NoOffset"/> when unknown.</param>
/// <param name="Gone">Whether it was taken back.</param>
/// <param name="StandsAgain">
/// Whether it stands where another stood, which may have been taken back, or was told there before.
/// </param>
readonly record struct ForwardSample(ForwardSeries Series, long Start, long Duration, double Value,
    long Received, double Quality, short OffsetMinutes, bool Gone, bool StandsAgain = false)
{
    public const short NoOffset = short.MinValue;
}

/// <summary>A forecast, risk window, episode or alert as others may draw it.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Wearer">The wearer's pseudonym.</param>
/// <param name="Key">Tells it from others of its kind, wearer and instant: its target, or its type.</param>
/// <param name="At">Unix milliseconds: when it was issued, began or was raised.</param>
/// <param name="Numbers">Its numbers by the name of their field; names are ours, never from input.</param>
/// <param name="Texts">Its words by the name of their field; names are ours, values may be anybody's.</param>
sealed record MirroredRow(MirroredKind Kind, string Wearer, string Key, long At,
    IReadOnlyList<(string Field, double Value)> Numbers, IReadOnlyList<(string Field, string Value)> Texts);

/// <summary>What is mirrored; the numbers are in the file.</summary>
enum MirroredKind
{
    Forecast = 1,
    RiskWindow = 2,
    Episode = 3,
    Alert = 4,
}

/// <summary>A point that the other side refuses alone.</summary>
/// <param name="Index">Its place in the batch: samples first, then what is mirrored.</param>
/// <param name="Reason">A reason code.</param>
/// <param name="Detail">At most 200 characters, never a value.</param>
readonly record struct RefusedPoint(int Index, string Reason, string Detail);
