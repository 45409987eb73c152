namespace SpasmStream.Worker.Intake;

/// <summary>Whether messages can come in from the external broker, for health and page.</summary>
sealed class IntakeState
{
    int _listening;

    public bool Listening
    {
        get => Volatile.Read(ref _listening) != 0;
        set => Volatile.Write(ref _listening, value ? 1 : 0);
    }
}
