namespace SpasmStream.Worker.Store;

/// <summary>
/// How many rows the next slice of a long work may take, so that nobody waits long behind it: fewer after a
/// slow one, more after a quick one.
/// </summary>
sealed class SliceSize
{
    public const int Most = 5_000;
    const int Fewest = 50;

    /// <summary>A transaction is to take no longer than this.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    /// <summary>Rows of the next slice.</summary>
    public int Rows { get; private set; } = 500;

    /// <summary>Learns what the last slice took, its commit included.</summary>
    // Halved at a quarter of the limit already: a disk is not always as quick as it was.
    public void Took(TimeSpan elapsed) => Rows = elapsed > Limit / 4 ? Math.Max(Fewest, Rows / 2)
        : elapsed < Limit / 8 ? Math.Min(Most, Rows * 3 / 2)
        : Rows;
}
