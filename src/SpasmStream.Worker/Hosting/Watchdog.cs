using Microsoft.Extensions.Hosting.Systemd;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Tells systemd that we live, for as long as every loop does; <c>WatchdogSec</c> of the unit ends us when
/// that is no longer heard. Elsewhere there is nobody to tell.
/// </summary>
sealed class Watchdog
{
    readonly Health _health;
    readonly ISystemdNotifier? _systemd;
    volatile bool _isStarted;

    public Watchdog(
        Health health, ISystemdNotifier? systemd = null, IHostApplicationLifetime? lifetime = null)
    {
        (_health, _systemd, _isStarted) = (health, systemd, lifetime is null);
        // The last to be registered is told first: systemd hears that we are ready before it hears this.
        lifetime?.ApplicationStarted.Register(() => _isStarted = true);
    }

    public void Feed()
    {
        if (_isStarted && _systemd is { IsEnabled: true } && _health.IsLive)
            _systemd.Notify(new ServiceState("WATCHDOG=1"));
    }
}
