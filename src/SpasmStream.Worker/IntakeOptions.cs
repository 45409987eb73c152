using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker;

/// <summary>How messages are taken in, whichever door they come by.</summary>
sealed class IntakeOptions
{
    /// <summary>
    /// Takes the receipt instant from the user property <c>received</c> and lifts the limits on age. For a
    /// broker on this machine only: such rows are marked and never counted as prospective. The default is
    /// false.
    /// </summary>
    public bool Replay { get; set; }

    /// <summary>
    /// What to do with a wearer who is not in the list: <c>refuse</c>, <c>create</c>, or <c>auto</c> (refuse
    /// on the embedded broker, create on an external one). The default is auto.
    /// </summary>
    [RegularExpression("auto|refuse|create")]
    public string UnknownWearers { get; set; } = "auto";

    /// <summary>
    /// The most messages in one commit; up to eight times as many while more wait. The default is 500.
    /// </summary>
    [Range(1, 10_000)]
    public int BatchMessages { get; set; } = 500;

    /// <summary>
    /// Payload bytes after which a commit takes no further message: they are decoded at once, and a byte may
    /// become twenty. The default is 128 KiB, about 30,000 samples in columns.
    /// </summary>
    [Range(1024, 1 << 30)]
    public int BatchBytes { get; set; } = 128 << 10;

    /// <summary>
    /// Uncommitted messages at which reading goes on again; it grows with the batches. The default is 500.
    /// </summary>
    [Range(1, 1_000_000)]
    public int LowWaterMessages { get; set; } = 500;

    /// <summary>Uncommitted bytes at which reading goes on again. The default is 2 MiB.</summary>
    [Range(1024, int.MaxValue)]
    public long LowWaterBytes { get; set; } = 2 << 20;

    /// <summary>
    /// Uncommitted messages at which reading stops; up to four times as many while more wait than a commit
    /// holds. The default is 2,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int HighWaterMessages { get; set; } = 2_000;

    /// <summary>Uncommitted bytes at which reading stops. The default is 8 MiB.</summary>
    [Range(1024, int.MaxValue)]
    public long HighWaterBytes { get; set; } = 8 << 20;

    /// <summary>
    /// Uncommitted messages beyond which QoS 0 is dropped and a QoS 1 sender cut off. The default is 10,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int HardCapMessages { get; set; } = 10_000;

    /// <summary>
    /// Uncommitted bytes beyond which QoS 0 is dropped and a QoS 1 sender cut off. The default is 32 MiB.
    /// </summary>
    [Range(1024, int.MaxValue)]
    public long HardCapBytes { get; set; } = 32 << 20;
}
