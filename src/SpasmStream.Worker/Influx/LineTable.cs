using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Every measurement, tag and field there is, with the field's type: nothing that comes in can add one, and
/// a field never changes its type.
/// </summary>
static class LineTable
{
    /// <summary>The canary's measurement; it has one field, <see cref="Value"/>.</summary>
    public const string Canary = "spasmstream_canary";

    public const string Value = "value";

    /// <summary>
    /// What comes within a minute of its end does not say when: for InfluxDB that would be half of the work.
    /// </summary>
    public const long PromptMs = 60_000;

    /// <summary>
    /// What <c>off_min</c> says where another stood and it is not known of what stands now: a field that is
    /// left out keeps what it was. Readers take it for none, and <see cref="UnknownQuality"/> too.
    /// </summary>
    public const long UnknownOffset = short.MinValue;

    /// <summary>What <c>q</c> says then.</summary>
    public const double UnknownQuality = -1;

    public static IReadOnlyDictionary<Signal, string> Signals { get; } = new Dictionary<Signal, string>
    {
        [Signal.HeartRate] = "heart_rate",
        [Signal.Steps] = "steps",
        [Signal.StepCounter] = "step_counter",
        [Signal.StepCounterSince] = "step_counter_since",
        [Signal.RrInterval] = "rr_interval",
        [Signal.HrvRmssd] = "hrv_rmssd",
        [Signal.HrvSdnn] = "hrv_sdnn",
        [Signal.HrvBeats] = "hrv_beats",
    };

    public static IReadOnlyDictionary<Stat, string> Stats { get; } = new Dictionary<Stat, string>
    {
        [Stat.Raw] = Raw,
        [Stat.Mean] = "mean",
        [Stat.Min] = "min",
        [Stat.Max] = "max",
        [Stat.Sum] = "sum",
        [Stat.Last] = "last",
    };

    /// <summary>What is mirrored: its measurement, and the tag that its key becomes.</summary>
    public static IReadOnlyDictionary<MirroredKind, (string Measurement, string Key)> Mirrored { get; } =
        new Dictionary<MirroredKind, (string, string)>
        {
            [MirroredKind.Forecast] = ("forecast", "target"),
            [MirroredKind.RiskWindow] = ("risk_window", "target"),
            [MirroredKind.Episode] = ("episode", "type"),
            [MirroredKind.Alert] = ("alert", "target"),
        };

    /// <summary>What <c>res</c> and <c>stat</c> are of a single reading: then neither is written.</summary>
    public const string Raw = "raw";

    /// <summary>Tags in the order in which they are written, the one InfluxDB sorts by.</summary>
    public static IReadOnlyList<string> Tags { get; } = ["device", "res", "source", "stat", "wearer"];

    /// <summary>
    /// Fields of a sample and their types: <c>value</c> always, <c>dur_ms</c> unless it is an instant,
    /// <c>gone</c> when it was taken back or stands again, <c>off_min</c> and <c>q</c> when they are known or
    /// another stood there (<see cref="UnknownOffset"/> and <see cref="UnknownQuality"/> are none),
    /// <c>recv</c>, the first receipt, unless that was within a minute of its end or the first of its
    /// <see cref="ReceiptRun"/> says it: <c>run_recv</c> of all from there to <c>run_to</c>, each
    /// <c>run_step</c> from the next.
    /// </summary>
    public static IReadOnlyDictionary<string, Type> Fields { get; } = new Dictionary<string, Type>
    {
        [Value] = typeof(double),
        ["dur_ms"] = typeof(long),
        ["gone"] = typeof(bool),
        ["off_min"] = typeof(long),
        ["q"] = typeof(double),
        ["recv"] = typeof(long),
        ["run_recv"] = typeof(long),
        ["run_step"] = typeof(long),
        ["run_to"] = typeof(long),
    };

    /// <summary>
    /// Classes of durations, so that two resolutions at one instant stay two points; the last is for what
    /// has a length of its own.
    /// </summary>
    public static IReadOnlyList<string> Resolutions { get; } =
        [Raw, "1m", "5m", "15m", "1h", "1d", "event"];

    /// <summary>The place of a duration's class in <see cref="Resolutions"/>.</summary>
    public static int ResolutionOf(long durationMs) => durationMs switch
    {
        0 => 0,
        60_000 => 1,
        300_000 => 2,
        900_000 => 3,
        3_600_000 => 4,
        86_400_000 => 5,
        _ => 6,
    };

    /// <summary>Whether a field of what is mirrored may be called so; never <c>time</c>.</summary>
    public static bool IsFieldName(string name) => name.Length is > 0 and <= 64 && name != "time"
        && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
}
