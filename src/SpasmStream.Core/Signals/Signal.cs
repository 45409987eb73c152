namespace SpasmStream.Core.Signals;

/// <summary>What a device measured. The numbers are stored: never renumber.</summary>
public enum Signal
{
    /// <summary>Heart rate in beats per minute.</summary>
    HeartRate = 1,

    /// <summary>Steps taken during the sample's duration, a count.</summary>
    Steps = 2,

    /// <summary>A running count of steps as it stood at an instant, a count.</summary>
    StepCounter = 3,

    /// <summary>
    /// When the running count of the same device, source and instant began, in Unix milliseconds.
    /// </summary>
    StepCounterSince = 4,

    /// <summary>
    /// Interval between two heartbeats in milliseconds; the sample's interval is the interval itself, to the
    /// millisecond.
    /// </summary>
    RrInterval = 5,

    /// <summary>Root mean square of successive RR differences over the duration, in milliseconds.</summary>
    HrvRmssd = 6,

    /// <summary>Standard deviation of RR intervals over the duration, in milliseconds.</summary>
    HrvSdnn = 7,

    /// <summary>How many beats the variability of the same window was made of, a count.</summary>
    HrvBeats = 8,
}

/// <summary>
/// What a value stands for when its sample has a duration. The numbers are stored: never renumber.
/// </summary>
public enum Stat
{
    /// <summary>One reading as the device gave it.</summary>
    Raw = 0,

    /// <summary>The mean over the duration.</summary>
    Mean = 1,

    /// <summary>The smallest reading within the duration.</summary>
    Min = 2,

    /// <summary>The largest reading within the duration.</summary>
    Max = 3,

    /// <summary>The sum over the duration.</summary>
    Sum = 4,

    /// <summary>The last reading of the duration.</summary>
    Last = 5,
}

/// <summary>What is known about how a value came to be. The bits are stored: never renumber.</summary>
[Flags]
public enum SampleFlags
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>The sensor had no skin contact.</summary>
    OffSkin = 1,

    /// <summary>The wearer was moving.</summary>
    Moving = 2,

    /// <summary>Estimated by the device or a bridge.</summary>
    Estimated = 4,

    /// <summary>Typed in by hand.</summary>
    Manual = 8,

    /// <summary>Expected to be replaced.</summary>
    Provisional = 16,

    /// <summary>Sent from a history, not live.</summary>
    Historical = 32,

    /// <summary>Filled in where nothing was measured.</summary>
    Imputed = 64,

    /// <summary>Outside the plausible range: stored, not used by features.</summary>
    Implausible = 128,

    /// <summary>Received under replay: its receipt instant was stated by the sender.</summary>
    Replayed = 256,

    /// <summary>
    /// Taken back by its sender, or never stood because it came after that: a value that stands for nothing.
    /// </summary>
    Deleted = 512,

    /// <summary>Measured during sleep, as the sender says.</summary>
    Asleep = 1024,
}
