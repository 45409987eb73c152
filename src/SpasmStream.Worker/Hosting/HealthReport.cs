using NodaTime;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Part">What of the worker.</param>
/// <param name="Says">A sentence for the operator, without a name, value or secret.</param>
/// <param name="KeepsFromReady">Whether the worker counts as not ready because of it.</param>
sealed record HealthReason(string Part, string Says, bool KeepsFromReady);

/// <summary>Why the worker is not well, in words; asked, it looks, and waits for nothing.</summary>
sealed class HealthReport(
    Health health, StoreWriter writer, DiskGauge disk, IntakeState intake, InfluxState influx,
    AccessState access, ClockState clock, Settings settings, EmbeddedBroker? broker = null)
{
    /// <summary>The parts that have metrics of their own, as <c>part</c>.</summary>
    public static readonly IReadOnlyList<string> Parts =
        ["loops", "broker", "store", "disk", "forwarder", "canary", "access", "clock"];

    /// <summary>Everything that is the matter; empty when all is well.</summary>
    public IReadOnlyList<HealthReason> Reasons() =>
        [.. new[] { Loops(), Link(), Store(), Disk(), Forwarder(), Canary(), Access(), Clock() }
            .OfType<HealthReason>()];

    HealthReason? Loops() => health.Stuck is { } loop
        ? new("loops", $"The loop '{loop}' stands still.", true) : null;

    HealthReason? Link() => settings.UsesEmbeddedBroker
        ? broker?.IsOpen == false ? new("broker", "The embedded broker is not open.", true) : null
        : intake.Listening ? null : new("broker", intake.Words(), true);

    HealthReason? Store() => writer.CanCommit ? null : new("store",
        "The store cannot commit; nothing is acknowledged until it can. Its disk is full or gone, or another "
        + "program locks it.", true);

    HealthReason? Disk()
    {
        if (disk.State == DiskState.Normal)
            return null;
        var (isFull, percent) =
            (disk.State == DiskState.Full, (int)(Math.Max(disk.Fullness, disk.Waiting) * 100));
        return new("disk", $"{percent} percent is taken of what "
            + (disk.IsOfWaiting ? "may wait for InfluxDB" : "the store may hold on this disk")
            + (isFull ? "; nothing is taken in, and senders keep what they have." : "."), isFull);
    }

    HealthReason? Forwarder() => influx.Report.Link is InfluxLink.Waiting or InfluxLink.Paused
        ? new("forwarder", influx.Report.Reason, influx.Report.Link == InfluxLink.Paused) : null;

    HealthReason? Canary() => influx.IsCanaryMissing
        ? new("canary", "InfluxDB said that it took a point, and does not have it.", true) : null;

    HealthReason? Access() => access.IsIntact ? null : new("access",
        "The files that say who is known here cannot be read; those known before stay.", true);

    HealthReason? Clock()
    {
        var ahead = clock.Ahead;
        if (ahead < -ClockState.Tolerated)
            return new("clock", "The machine's clock leapt ahead by more than a day; receipts go on without "
                + "it, and follow when it has stayed there for an hour. If it is wrong, set it.", true);
        if (ahead > ClockState.Tolerated)
            return new("clock", "Receipts and forecasts are ahead of the machine's clock, which was set back "
                + "or was ahead before; they wait for it at half its speed. If it is wrong, set it.", true);
        return clock.IsSteady ? null : new("clock", "The machine's clock was set by more than a minute "
            + "within the last hour; where receipts followed it, a gap is noted.", false);
    }
}

/// <summary>Whether the machine's clock goes evenly, as far as we have seen.</summary>
sealed class ClockState(TimeProvider time, ArrivalClock clock)
{
    /// <summary>How far receipts and the machine's clock may be apart before that is told.</summary>
    public static readonly Duration Tolerated = Duration.FromMinutes(5);

    static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    long _stepped = long.MinValue;

    /// <summary>How far receipts are ahead of the machine's clock, or behind it when negative.</summary>
    public Duration Ahead
    {
        get
        {
            clock.Now(out var ahead);
            return ahead;
        }
    }

    /// <summary>Whether receipts and the machine's clock tell about the same.</summary>
    public bool IsNear => Ahead is var ahead && ahead >= -Tolerated && ahead <= Tolerated;

    public bool IsSteady => Volatile.Read(ref _stepped) is var at
        && (at == long.MinValue || time.GetElapsedTime(at) > Remembered);

    public void Stepped() => Volatile.Write(ref _stepped, time.GetTimestamp());
}
