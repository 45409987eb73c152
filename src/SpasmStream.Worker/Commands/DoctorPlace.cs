using NodaTime;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary>The machine: its clock, its time zones, the ports, and the worker on it.</summary>
static class DoctorPlace
{
    const string Synchronised = "/run/systemd/timesync/synchronized";
    static readonly Duration ClockSlack = Duration.FromSeconds(5);

    public static DoctorFinding Clock(Instant now, Instant? lastReceipt)
    {
        if (lastReceipt > now + ClockSlack)
            return DoctorFinding.Failed("clock",
                $"The store's last receipt lies {lastReceipt.Value - now:D:hh:mm:ss} ahead of this clock.",
                "If this machine's clock is wrong, set it, and let it follow a time server (timedatectl "
                + "set-ntp true). If it is right, it was ahead before: messages are kept as ever, but "
                + "forecasts run ahead until it has caught up, at half speed.");
        return DoctorFinding.Ok("clock", File.Exists(Synchronised)
            ? "Not behind the store, and set by a time server."
            : "Not behind the store; whether a time server sets it cannot be seen here (timedatectl tells).");
    }

    public static DoctorFinding Zones(Settings settings)
    {
        var version = DateTimeZoneProviders.Tzdb.VersionId;
        var local = TimeZoneInfo.Local.Id;
        return settings.Wearers.TrueForAll(wearer => wearer.Zone is not null)
            || DateTimeZoneProviders.Tzdb.GetZoneOrNull(local) is not null
            ? DoctorFinding.Ok("time zones", $"{version}; every wearer's zone is known.")
            : DoctorFinding.Warning("time zones",
                $"{version}; this machine's zone {local} is not known, so wearers without one live in UTC.",
                "Give each of Wearers its Zone, such as Europe/Berlin.");
    }

    public static DoctorFinding Worker(Settings settings, WorkerSight worker) => worker switch
    {
        { Runs: false } => DoctorFinding.Ok("worker", "None is seen to run on this store."),
        { Live: true } => DoctorFinding.Ok(
            "worker", $"{worker.Name} runs on this store and says it lives."),
        _ when !settings.Web.Enabled => DoctorFinding.Ok("worker",
            $"{worker.Name} runs on this store; its health is not served (Web:Enabled is false)."),
        { Live: false } => DoctorFinding.Failed("worker",
            $"{worker.Name} runs on this store and says that one of its loops stands still.",
            "Read its log; restart it."),
        _ => DoctorFinding.Failed("worker",
            $"{worker.Name} holds this store and does not answer at {settings.Web.Url}.",
            "If it is another command at work, such as import, wait for it. Else read the worker's log and "
            + "restart it, with the same settings as here."),
    };

    public static DoctorFinding Page(Settings settings, WorkerSight worker)
    {
        if (!settings.Web.Enabled)
            return DoctorFinding.Ok("page", "Not served (Web:Enabled is false).");
        var port = new Uri(settings.Web.Url).Port;
        if (worker.Live is not null)
            return worker.Runs
                ? DoctorFinding.Ok("page", $"Served at {settings.Web.Url}.")
                : DoctorFinding.Failed("page", $"A worker on another store serves {settings.Web.Url}.",
                    "Set Web:Url to another port, or stop that worker.");
        return WorkerSight.IsTaken(port)
            ? DoctorFinding.Failed("page", $"Port {port} of Web:Url is in use by another program.",
                "Stop that program, or set Web:Url to another port.")
            : DoctorFinding.Ok("page", $"Port {port} of Web:Url is free.");
    }
}
