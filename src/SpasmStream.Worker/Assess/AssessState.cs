namespace SpasmStream.Worker.Assess;

/// <summary>When the assessing loop was last seen to be alive, for health.</summary>
sealed class AssessState
{
    long _beat;
    int _upToDate;

    /// <summary>Wearers who have been brought up to our own time.</summary>
    public int UpToDate
    {
        get => Volatile.Read(ref _upToDate);
        set => Volatile.Write(ref _upToDate, value);
    }

    public void Beat(long timestamp) => Volatile.Write(ref _beat, timestamp);

    public TimeSpan SinceBeat(TimeProvider time) => time.GetElapsedTime(Volatile.Read(ref _beat));
}
