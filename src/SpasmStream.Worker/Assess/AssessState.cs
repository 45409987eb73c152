namespace SpasmStream.Worker.Assess;

/// <summary>How far the assessing loop is, for the demo.</summary>
sealed class AssessState
{
    int _live;

    /// <summary>Wearers who are followed on our own clock and have nothing left to be looked at.</summary>
    public int Live
    {
        get => Volatile.Read(ref _live);
        set => Volatile.Write(ref _live, value);
    }
}
