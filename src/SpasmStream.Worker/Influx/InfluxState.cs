using NodaTime;

namespace SpasmStream.Worker.Influx;

/// <summary>How it stands between us and InfluxDB.</summary>
enum InfluxLink
{
    /// <summary>None is configured.</summary>
    Off,

    /// <summary>Nothing was tried yet.</summary>
    Starting,

    /// <summary>It takes what we send.</summary>
    Good,

    /// <summary>It does not take anything now; this passes.</summary>
    Waiting,

    /// <summary>Somebody has to repair something.</summary>
    Paused,
}

/// <summary>How it stands, and why when it does not.</summary>
/// <param name="Link">How.</param>
/// <param name="Reason">A sentence without a name, value or secret; empty when all is well.</param>
sealed record InfluxReport(InfluxLink Link, string Reason = "");

/// <summary>How sending on to InfluxDB goes, for health, page and doctor.</summary>
sealed class InfluxState
{
    volatile InfluxReport _report = new(InfluxLink.Off);
    volatile bool _isCanaryMissing;
    long _waiting;
    long _lastMs = long.MinValue;

    public InfluxReport Report
    {
        get => _report;
        set => _report = value;
    }

    /// <summary>Whether a point that InfluxDB said it took could not be read back.</summary>
    public bool IsCanaryMissing
    {
        get => _isCanaryMissing;
        set => _isCanaryMissing = value;
    }

    /// <summary>Points that were taken from the store and are not yet there.</summary>
    public long Waiting
    {
        get => Volatile.Read(ref _waiting);
        set => Volatile.Write(ref _waiting, value);
    }

    /// <summary>When something last went through; null before.</summary>
    public Instant? LastSuccess => Volatile.Read(ref _lastMs) is var ms and not long.MinValue
        ? Instant.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Nothing needs somebody's hand: that it is away for a while does not.</summary>
    public bool IsHealthy => _report.Link != InfluxLink.Paused && !_isCanaryMissing;

    public void Succeed(DateTimeOffset now)
    {
        Volatile.Write(ref _lastMs, now.ToUnixTimeMilliseconds());
        if (_report.Link != InfluxLink.Good)
            _report = new InfluxReport(InfluxLink.Good);
    }

    /// <summary>The same in words, for the page; empty when none is configured.</summary>
    public string Words()
    {
        var report = _report;
        var waiting = Waiting is var points and > 0 ? $" {points} points wait." : "";
        return report.Link switch
        {
            InfluxLink.Off => "",
            _ when _isCanaryMissing => "InfluxDB says it takes what we send, and it is not there. Everything "
                + "is kept here as well; look at its disk and its retention." + waiting,
            InfluxLink.Starting => "InfluxDB: not tried yet.",
            InfluxLink.Good => "InfluxDB: connected.",
            InfluxLink.Waiting => $"InfluxDB is away; everything is kept here. {report.Reason}{waiting}",
            _ => $"InfluxDB: paused; everything is kept here. {report.Reason}{waiting}",
        };
    }
}
