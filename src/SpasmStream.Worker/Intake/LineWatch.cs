namespace SpasmStream.Worker.Intake;

/// <summary>When something last came over the line to the broker.</summary>
sealed class LineWatch(TimeProvider time)
{
    const long Never = long.MinValue;
    const long NotListening = long.MinValue + 1;

    long _heard = Never;

    /// <summary>Whether somebody answered at the broker's address.</summary>
    public bool Reached => Volatile.Read(ref _heard) != Never;

    /// <summary>Since when nothing has come; where we do not listen there is no silence.</summary>
    public TimeSpan Silence => Volatile.Read(ref _heard) is var heard and not (Never or NotListening)
        ? time.GetElapsedTime(heard) : TimeSpan.Zero;

    public void Hear() => Volatile.Write(ref _heard, time.GetTimestamp());

    /// <summary>The tap may be closed: nothing is read for now.</summary>
    public void StopListening() => Volatile.Write(ref _heard, NotListening);
}
