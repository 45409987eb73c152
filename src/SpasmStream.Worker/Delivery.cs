using NodaTime;

namespace SpasmStream.Worker;

/// <summary>One MQTT message on its way in, and the way to acknowledge it once it is committed.</summary>
sealed record Delivery
{
    /// <summary>The full topic it came on.</summary>
    public required string Topic { get; init; }

    /// <summary>Its bytes; owned by the delivery, never pooled.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>
    /// When it reached us, stamped by the queue, or under replay when its sender says it did; to the
    /// millisecond.
    /// </summary>
    public required Instant Received { get; set; }

    /// <summary>
    /// How far <see cref="Received"/> was ahead of the machine's clock, or behind it when negative; stamped
    /// by the queue.
    /// </summary>
    public Duration Ahead { get; set; }

    /// <summary>Whether <see cref="Received"/> was stated by the sender.</summary>
    public bool Replayed { get; init; }

    /// <summary>Whether the broker kept it from before we subscribed.</summary>
    public bool Retained { get; init; }

    /// <summary>
    /// Whether the sender says that it may have been sent before: only then can equal bytes be one message.
    /// </summary>
    public bool Dup { get; init; }

    /// <summary>The packet identifier, which a second delivery has again; 0 for none.</summary>
    public ushort PacketId { get; init; }

    /// <summary>
    /// What was kept before this its sender knows to be acknowledged: what comes again is later.
    /// </summary>
    public Instant RepeatsFrom { get; set; } = Instant.MinValue;

    /// <summary>0 when nobody waits for an acknowledgement.</summary>
    public int Qos { get; init; } = 1;

    /// <summary>Why what it came with refuses it, whatever it says; null when nothing does.</summary>
    public string? Refused { get; init; }

    /// <summary>
    /// Whom to tell after the commit that holds the message or its dead-letter row; null for nobody.
    /// </summary>
    public Acknowledge? Acknowledge { get; set; }

    /// <summary>Tells once of each what became of it; neighbours with one door are told in one run.</summary>
    public static void AcknowledgeAll(
        ReadOnlySpan<Delivery> batch, ReadOnlySpan<DeliveryOutcome> outcomes)
    {
        for (var (start, end) = (0, 0); start < batch.Length; start = end)
        {
            var door = batch[start].Acknowledge;
            while (end < batch.Length && ReferenceEquals(batch[end].Acknowledge, door))
                end++;
            door?.Invoke(batch[start..end], outcomes[start..end]);
        }
    }
}

/// <summary>Tells a door what became of deliveries that came through it, in order of arrival.</summary>
delegate void Acknowledge(ReadOnlySpan<Delivery> run, ReadOnlySpan<DeliveryOutcome> outcomes);

/// <summary>What became of a delivery, told to whoever acknowledges it.</summary>
/// <param name="Reason">Null when it was kept; else the reason code of its dead letter.</param>
/// <param name="IsNews">Whether it left a value or an entry that was not here before.</param>
readonly record struct DeliveryOutcome(string? Reason, bool IsNews = false)
{
    /// <summary>Kept: stored, a duplicate, or ignored by rule.</summary>
    public static DeliveryOutcome Kept => default;
}
