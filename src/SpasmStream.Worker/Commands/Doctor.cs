using NodaTime;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Worker.Commands;

/// <summary>Tries everything the settings name, and writes nothing but a canary to InfluxDB.</summary>
sealed class Doctor(TimeProvider time)
{
    const int CertificateDays = 14;

    public async Task<IReadOnlyList<DoctorFinding>> ExamineAsync(
        string? config, CancellationToken cancellationToken)
    {
        var faults = SettingsFault.All(config);
        if (faults.Count > 0)
            return [.. faults.Select(fault =>
                DoctorFinding.Failed("configuration", fault.Line, "Correct it; nothing else was tried."))];

        var (settings, _) = Settings.Load(config);
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var worker = await WorkerSight.LookAsync(settings, cancellationToken);
        DoctorFinding[] findings =
        [
            DoctorFinding.Ok("configuration", "Good."),
            DoctorPlace.Zones(settings),
            DoctorPlace.Worker(settings, worker),
            Listed(settings),
            .. await StoreAsync(settings, worker, now, cancellationToken),
            .. await BrokerAsync(settings, worker, cancellationToken),
            .. Certificate(settings.Broker, settings.UsesEmbeddedBroker, now),
            .. await DoctorInflux.TryAsync(settings.Influx, time, cancellationToken),
            .. await DoctorWebhooks.TryAsync(settings.Notify, WebhookDoor.ResolveHere, cancellationToken),
            DoctorPlace.Page(settings, worker),
        ];
        // What belongs together is told together.
        return [.. findings.GroupBy(finding => finding.Area).SelectMany(area => area)];
    }

    static async Task<IReadOnlyList<DoctorFinding>> StoreAsync(
        Settings settings, WorkerSight worker, Instant now, CancellationToken cancellationToken)
    {
        var store = new DoctorStore(settings, worker.Runs);
        List<DoctorFinding> findings = [.. store.Folder(), .. await store.FileAsync(now, cancellationToken)];
        if (!store.IsReadable)
            return [.. findings, DoctorPlace.Clock(now, lastReceipt: null)];
        using var reader = store.Open();
        var content = new DoctorContent(reader, settings, now);
        return [.. findings, DoctorPlace.Clock(now, content.LastReceipt), .. content.All()];
    }

    static DoctorFinding Listed(Settings settings) => settings.ListedWearers().Count is var count and > 0
        ? DoctorFinding.Ok("wearers", $"{count} listed.")
        : settings.AdmitsStrangers
            ? DoctorFinding.Warning("wearers",
                "None is listed; everybody who sends is taken in, in this machine's zone.",
                "Add them: spasmstream wearers add NAME --zone ZONE.")
            : DoctorFinding.Warning("wearers", "None is listed, so nothing is taken in.",
                "Add them: spasmstream wearers add NAME --zone ZONE.");

    async Task<IReadOnlyList<DoctorFinding>> BrokerAsync(
        Settings settings, WorkerSight worker, CancellationToken cancellationToken)
    {
        if (!settings.UsesEmbeddedBroker)
            return await new DoctorBroker(new BrokerToTry(settings.Mqtt.Host!, settings.Mqtt.Port,
                settings.Mqtt.ClientId + "-doctor-", settings.Mqtt.User, settings.Mqtt.Password,
                settings.Mqtt.TlsInUse(), settings.Mqtt.FiltersInUse(), settings.Notify.Mqtt), time)
                .TryAsync(cancellationToken);

        var port = settings.Broker.Port;
        if (!worker.Runs)
            return
            [
                WorkerSight.IsTaken(port)
                    ? DoctorFinding.Failed("broker",
                        $"Port {port} of the embedded broker is in use by another program.",
                        "Stop it, or set Broker:Port, or set Mqtt:Host to use that broker.")
                    : DoctorFinding.Ok("broker", $"Port {port} of the embedded broker is free."),
            ];
        var host = BrokerEndpoints.OwnHost(settings.Broker);
        if (settings.Broker.Accounts is { Count: > 0 } named
            && named.TrueForAll(account => string.IsNullOrEmpty(account.Password)))
            return await new DoctorBroker(
                new BrokerToTry(host, port, "", null, null, Tls: null, [], Publishes: false), time)
                .TryPortAsync(cancellationToken);
        if (Account(settings) is not var (user, password))
            return
            [
                DoctorFinding.Failed("broker", "A worker runs, but the password of its broker cannot be read "
                    + $"in {GatewayAccount.PathIn(settings.Store.Directory)}.",
                    "Run this as the user the worker runs as."),
            ];
        return await new DoctorBroker(new BrokerToTry(
            host, port, user + ":doctor-", user, password, Tls: null, [],
            Publishes: false), time)
            .TryAsync(cancellationToken);
    }

    /// <summary>The certificate of the embedded broker: whether it can be used, and for how long.</summary>
    public static IEnumerable<DoctorFinding> Certificate(BrokerOptions broker, bool embedded, Instant now)
    {
        if (!embedded || broker.Certificate is null)
            yield break;
        DateTimeOffset? ends = null;
        string? fault = null;
        try
        {
            using var endpoints = new BrokerEndpoints(broker);
            ends = endpoints.Ends;
        }
        catch (SetupException unusable)
        {
            fault = unusable.Message;
        }

        if (ends is null)
        {
            yield return DoctorFinding.Failed("broker", fault ?? "There is no certificate.",
                "Without it no start serves TLS.");
            yield break;
        }

        var days = (int)Math.Floor((Instant.FromDateTimeOffset(ends.Value) - now).TotalDays);
        var seen = $"Its certificate for port {broker.TlsPort} ends on {ends:yyyy-MM-dd}, in {days} days.";
        yield return days < 0
            ? DoctorFinding.Failed("broker", seen, "Renew it and restart the worker: devices refuse it.")
            : days < CertificateDays
                ? DoctorFinding.Warning("broker", seen, "Renew it and restart the worker.")
            : DoctorFinding.Ok("broker", seen);
    }

    // Only read: the worker is who makes the file and sets its rights.
    static (string User, string Password)? Account(Settings settings)
    {
        if (settings.Broker.Accounts.Find(account => account.Password is { Length: > 0 }) is { } known)
            return (known.User, known.Password!);
        try
        {
            return (GatewayAccount.User,
                File.ReadAllText(GatewayAccount.PathIn(settings.Store.Directory)).Trim());
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
