namespace SpasmStream.Worker.Assess;

/// <summary>When the assessing loop was last seen to be alive, for health.</summary>
sealed class AssessState
{
    long _beat;

    public void Beat(long timestamp) => Volatile.Write(ref _beat, timestamp);

    public TimeSpan SinceBeat(TimeProvider time) => time.GetElapsedTime(Volatile.Read(ref _beat));
}
