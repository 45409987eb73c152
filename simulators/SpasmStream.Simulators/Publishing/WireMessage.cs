using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Simulators.Publishing;

/// <summary>One MQTT message on its way out.</summary>
/// <param name="Topic">The full topic.</param>
/// <param name="Received">When it is to have reached the broker; null when the broker's own clock
/// counts.</param>
/// <param name="Payload">The bytes as they cross the wire.</param>
sealed record WireMessage(string Topic, Instant? Received, ReadOnlyMemory<byte> Payload)
{
    public const string ReceivedProperty = "received";

    static readonly InstantPattern ReceivedPattern =
        InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>Values or diary entries in it; gaps are not counted.</summary>
    public int Samples { get; init; } = 1;

    public int Qos { get; init; } = 1;

    public bool Retain { get; init; }

    /// <summary>Whether it is a message of JSON rather than of bytes.</summary>
    public bool IsJson { get; init; } = true;

    public string? ReceivedText => Received is { } at ? ReceivedPattern.Format(at) : null;
}
