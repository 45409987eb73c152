namespace SpasmStream.Worker.Intake;

/// <summary>How the link to the external broker stands.</summary>
enum IntakeLink
{
    Connecting,
    Connected,
    Unreachable,
    Refused,
    Flapping,
}

/// <summary>How the link stands, and why when it does not.</summary>
/// <param name="Link">How.</param>
/// <param name="Reason">Why, as a sentence without a name or secret; empty when all is well.</param>
sealed record IntakeReport(IntakeLink Link, string Reason = "");

/// <summary>Whether messages can come in from the external broker, for health and page.</summary>
sealed class IntakeState
{
    volatile IntakeReport _report = new(IntakeLink.Connecting);

    public IntakeReport Report
    {
        get => _report;
        set => _report = value;
    }

    /// <summary>Connected, with every filter granted.</summary>
    public bool Listening => _report is { Link: IntakeLink.Connected, Reason: "" };

    /// <summary>The same in words for the page.</summary>
    public string Words()
    {
        var report = _report;
        var word = report.Link switch
        {
            IntakeLink.Connected => "connected",
            IntakeLink.Unreachable => "cannot be reached",
            IntakeLink.Refused => "refuses us",
            IntakeLink.Flapping => "connections come and go (flapping)",
            _ => "connecting",
        };
        return report.Reason.Length == 0 ? $"Broker: {word}." : $"Broker: {word}. {report.Reason}";
    }
}
