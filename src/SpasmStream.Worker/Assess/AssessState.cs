namespace SpasmStream.Worker.Assess;

/// <summary>How the assessing loop is doing, for health and for the demo.</summary>
sealed class AssessState
{
    long _beat;
    int _live;

    /// <summary>Wearers who are followed on our own clock and have nothing left to be looked at.</summary>
    public int Live
    {
        get => Volatile.Read(ref _live);
        set => Volatile.Write(ref _live, value);
    }

    public void Beat(long timestamp) => Volatile.Write(ref _beat, timestamp);

    public TimeSpan SinceBeat(TimeProvider time) => time.GetElapsedTime(Volatile.Read(ref _beat));
}
