using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Notify;

/// <summary>How the present risk and its changes go out over MQTT.</summary>
sealed class NotifyOptions
{
    /// <summary>Whether to publish at all. The default is true.</summary>
    public bool Mqtt { get; set; } = true;

    /// <summary>Seconds between two looks at the outbox. The default is 1.</summary>
    [Range(1, 60)]
    public int PollSeconds { get; set; } = 1;
}
