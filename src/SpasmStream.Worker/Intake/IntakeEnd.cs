namespace SpasmStream.Worker.Intake;

/// <summary>How an attempt to listen ended.</summary>
enum IntakeEnd
{
    /// <summary>Nobody answered at that address.</summary>
    Unreached,

    /// <summary>The broker refuses us, or we refuse the broker; asking again soon changes nothing.</summary>
    Refused,

    /// <summary>Somebody answered, but the connection ended before we were subscribed.</summary>
    Cut,

    /// <summary>The broker wants a shorter keep-alive than the one we came with.</summary>
    KeepAlive,

    /// <summary>We were subscribed, and the connection ended.</summary>
    Lost,
}
