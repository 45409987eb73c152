using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using NodaTime;
using SpasmStream.Worker.Assess;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// <c>spasmstream demo</c>: the worker on a folder of its own, and three simulated wearers who stream their
/// last 200 days and then their present through its broker. Nothing of what is shown is in the worker.
/// </summary>
static class DemoCommand
{
    static readonly string[] Wearers = ["ada", "ben", "cleo"];

    // Somewhere it is late morning, whatever the hour is here: the night is over and its forecast is made.
    static readonly string[] Zones =
    [
        "Pacific/Auckland", "Pacific/Noumea", "Australia/Brisbane", "Asia/Tokyo", "Asia/Shanghai",
        "Asia/Bangkok", "Asia/Dhaka", "Asia/Karachi", "Asia/Dubai", "Africa/Nairobi", "Africa/Cairo",
        "Europe/Berlin", "Europe/London", "Atlantic/Azores", "America/Noronha", "America/Sao_Paulo",
        "America/Puerto_Rico", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
        "America/Anchorage", "Pacific/Honolulu", "Pacific/Pago_Pago",
    ];

    public static Command Build()
    {
        var calm = new Option<bool>("--calm")
        {
            Description = "The same wearers without the short night and the let-down.",
        };
        var seed = new Option<long>("--seed") { Description = "Other lives.", DefaultValueFactory = _ => 3 };
        var days = new Option<int>("--days")
        {
            Description = "Days of history.", DefaultValueFactory = _ => 200,
        };
        var url = new Option<string>("--url")
        {
            Description = "Where the page is served.", DefaultValueFactory = _ => "http://127.0.0.1:8080",
        };
        var command = new Verb("demo", "Three simulated wearers, 200 days in seconds, then live.",
            "spasmstream demo --calm")
        {
            calm, seed, days, url,
        };
        command.SetAction((parsed, token) => CommandLine.GuardAsync(() => RunAsync(new DemoWish(
            parsed.GetValue(calm), parsed.GetValue(seed), parsed.GetValue(days),
            parsed.GetValue(url)!), token)));
        return command;
    }

    static async Task<int> RunAsync(DemoWish wish, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetTempPath(),
            "spasmstream-demo-" + RandomNumberGenerator.GetHexString(8, true));
        try
        {
            var (port, password) = (FreePort(), RandomNumberGenerator.GetHexString(32));
            var zone = LateMorning(TimeProvider.System);
            var (settings, configuration) = Settings.Load(
                null, Configure(wish, folder, port, password, zone));
            using var instance = InstanceLock.Take(folder);
            await using var app = WorkerHost.Build(settings, configuration);
            await WorkerHost.StartWholeAsync(app, cancellationToken);
            Console.WriteLine($"Page: {wish.Url}  (Ctrl+C ends the demo and removes what it made)");
            Console.WriteLine(
                $"Three simulated wearers, {wish.Days} days each, living in {zone}, stream in over MQTT:");

            using var wearers = DemoWearers.Start(wish, port, password, zone, Wearers);
            var watching = new DemoWatch(app.Services.GetRequiredService<StoreFile>(),
                app.Services.GetRequiredService<AssessState>(), Wearers.Length)
                .ReportAsync(wearers, app.Lifetime.ApplicationStopping);
            await app.WaitForShutdownAsync(cancellationToken);
            wearers.Stop();
            await watching;
            return RunCommand.ExitCodeOf(app) is not ExitCode.Clean and var failed
                ? failed : wearers.ExitCode;
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    static Dictionary<string, string?> Configure(
        DemoWish wish, string folder, int port, string password, string zone)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Store:Directory"] = folder,
            ["Broker:Port"] = port.ToString(),
            ["Broker:Accounts:0:User"] = "demo",
            ["Broker:Accounts:0:Password"] = password,
            ["Broker:Accounts:0:Gateway"] = "true",
            // 200 days in seconds are a flood by any measure, and wanted.
            ["Broker:MessagesPerSecond"] = "0",
            ["Broker:BytesPerSecond"] = "0",
            ["Intake:Replay"] = "true",
            ["Web:Url"] = wish.Url,
            ["Logging:LogLevel:Default"] = "Warning",
        };
        for (var i = 0; i < Wearers.Length; i++)
        {
            settings[$"Wearers:{i}:Id"] = Wearers[i];
            settings[$"Wearers:{i}:Zone"] = zone;
        }

        return settings;
    }

    static string LateMorning(TimeProvider time)
    {
        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        var wished = new LocalTime(11, 30);
        return Zones.MinBy(zone => Math.Abs(
            (now.InZone(DateTimeZoneProviders.Tzdb[zone]).TimeOfDay - wished).ToDuration().TotalMinutes))!;
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>What kind of demo is wanted.</summary>
sealed record DemoWish(bool Calm, long Seed, int Days, string Url);
