namespace SpasmStream.Worker.Commands;

/// <summary>What the process says when it ends.</summary>
static class ExitCode
{
    /// <summary>All is well.</summary>
    public const int Clean = 0;

    /// <summary>Bad arguments.</summary>
    public const int Usage = 64;

    /// <summary>A fault of ours.</summary>
    public const int Internal = 70;

    /// <summary>The store failed while running.</summary>
    public const int Storage = 74;

    /// <summary>The configuration or the place does not allow a start.</summary>
    public const int Configuration = 78;

    /// <summary>Stopped at the operator's wish before its end, as a shell tells it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
