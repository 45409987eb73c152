using Microsoft.Extensions.Hosting.Systemd;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Tells systemd that we live, for as long as every loop does; <c>WatchdogSec</c> of the unit ends us when
/// that is no longer heard. Elsewhere there is nobody to tell.
/// </summary>
sealed class Watchdog(Health health, ISystemdNotifier? systemd = null)
{
    public void Feed()
    {
        if (systemd is { IsEnabled: true } && health.IsLive)
            systemd.Notify(new ServiceState("WATCHDOG=1"));
    }
}
