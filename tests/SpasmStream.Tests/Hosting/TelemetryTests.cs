using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Hosting;

public sealed class TelemetryTests : IDisposable
{
    const string Token = "sixteen-or-longer";

    static readonly (string, string)[] _elsewhere = [("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", "9")];

    readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("127.0.0.1", "localhost", null, false, true)]
    [InlineData("::1", "[::1]:8080", null, false, true)]
    [InlineData("192.168.1.7", "localhost", null, false, false)]
    [InlineData("127.0.0.1", "health.example", null, false, false)]
    [InlineData("127.0.0.1", "localhost", "X-Forwarded-For", false, false)]
    [InlineData("127.0.0.1", "localhost", "Forwarded", false, false)]
    [InlineData("127.0.0.1", "localhost", null, true, false)]
    public void S35_Without_a_token_only_this_machine_may_and_no_proxy(
        string from, string host, string? header, bool proxied, bool may)
    {
        var door = new TelemetryDoor(new TelemetryOptions(), new WebOptions { LoginInFront = proxied });
        var context = From(from, host);
        if (header is not null)
            context.Request.Headers[header] = "10.0.0.1";

        Assert.Equal(may, door.IsOpenTo(context));
    }

    [Theory]
    [InlineData("127.0.0.1", null, 401)]
    [InlineData("127.0.0.1", "Bearer sixteen-or-longe", 401)]
    [InlineData("127.0.0.1", "Basic sixteen-or-longer", 401)]
    [InlineData("127.0.0.1", "Bearer ", 401)]
    [InlineData("127.0.0.1", "Bearer sixteen-or-longer", 200)]
    [InlineData("192.168.1.7", "bearer sixteen-or-longer", 200)]
    public async Task S35_With_a_token_everybody_has_to_show_it(string from, string? said, int status)
    {
        var file = _folder.Write("token", Token + "\n");
        var door = new TelemetryDoor(
            new TelemetryOptions { TokenFile = file }, new WebOptions { LoginInFront = true });
        var context = From(from, "localhost");
        if (said is not null)
            context.Request.Headers.Authorization = said;

        await door.GuardAsync(context, _ => Task.CompletedTask);

        Assert.Equal(status, context.Response.StatusCode);
    }

    [Theory]
    [InlineData("Token", "too-short", "Telemetry:Token: 16 characters")]
    [InlineData("Token", "with a blank in it", "Telemetry:Token: only printable ASCII")]
    [InlineData("TokenFile", "/nowhere/at/all", "Telemetry:TokenFile: the file cannot be read")]
    [InlineData("OtlpUrl", "collector:4318", "Telemetry:OtlpUrl: an address")]
    [InlineData("OtlpUrl", "http://ada:secret@collector:4318", "Telemetry:OtlpUrl: a user name")]
    [InlineData("OtlpSeconds", "0", "Telemetry:OtlpSeconds")]
    public void A_bad_setting_is_told_by_its_key_and_never_shown(string key, string value, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            new Dictionary<string, string?> { ["Telemetry:" + key] = value }).Build();

        var fault = Assert.Single(SettingsCheck.Faults(configuration));

        Assert.StartsWith(says, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/metrics")]
    [InlineData("https://collector/otlp/v1/metrics", "https://collector/otlp/v1/metrics")]
    public void A_collector_is_reached_at_its_usual_path_unless_another_is_said(string url, string at) =>
        Assert.Equal(at, new TelemetryOptions { OtlpUrl = url }.OtlpAddress()?.ToString());

    [Fact]
    public void S35_Every_counter_has_a_metric_of_a_name_that_stays()
    {
        Assert.Equal(
            [
                "messages.received", "messages.stored", "messages.duplicate", "messages.dead",
                "messages.empty", "messages.ignored", "messages.erased", "samples.decoded",
                "samples.stored", "samples.duplicate", "samples.replaced", "samples.superseded",
                "dead_letters.written", "items.refused", "dead_letters.evicted", "dead_letters.requeued",
                "dead_letters.purged", "entries.stored", "entries.duplicate", "unknown_members",
                "dropped_qos0", "rows.thinned", "rows.dropped", "points.journalled", "points.forwarded",
                "points.refused", "points.dropped", "points.erased",
            ],
            Enum.GetValues<Counter>().Select(it => WorkerMeter.NameOf(it)["spasmstream.".Length..]));
    }

    [Fact]
    public async Task F08_F09_F28_Health_names_every_reason_and_none_when_all_is_well()
    {
        var time = new FrozenTime(Some.Start);
        await using var rig = new LoopRig(time, _elsewhere);
        var (report, intake, influx) =
            (rig.Get<HealthReport>(), rig.Get<IntakeState>(), rig.Get<InfluxState>());
        intake.Report = new IntakeReport(IntakeLink.Connected);
        Assert.Empty(report.Reasons());

        intake.Report = new IntakeReport(IntakeLink.Refused, "It does not know our account.");
        Assert.Equal("broker: Broker: refuses us. It does not know our account.", Said(report));
        intake.Report = new IntakeReport(IntakeLink.Connected, "It denied a filter.");
        Assert.Equal("broker: Broker: connected. It denied a filter.", Said(report));
        intake.Report = new IntakeReport(IntakeLink.Flapping);
        Assert.Equal("broker: Broker: connections come and go (flapping).", Said(report));
        intake.Report = new IntakeReport(IntakeLink.Connected);

        influx.IsCanaryMissing = true;
        Assert.Equal("canary: InfluxDB said that it took a point, and does not have it.", Said(report));
        influx.IsCanaryMissing = false;
        influx.Report = new InfluxReport(InfluxLink.Paused, "It refuses our account.");
        Assert.Equal("forwarder: It refuses our account.", Said(report));
        influx.Report = new InfluxReport(InfluxLink.Waiting, "It is away.");
        Assert.False(Assert.Single(report.Reasons()).KeepsFromReady);
        influx.Report = new InfluxReport(InfluxLink.Good);

        rig.Get<AccessState>().IsIntact = false;
        Assert.Equal("access", Assert.Single(report.Reasons()).Part);
        rig.Get<AccessState>().IsIntact = true;
        rig.Get<ClockState>().Stepped();
        Assert.Equal("clock", Assert.Single(report.Reasons()).Part);
        time.Advance(TimeSpan.FromMinutes(61));
        Assert.Empty(report.Reasons());
        rig.Get<Heartbeats>().Beat("pipeline");
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("loops: The loop 'pipeline' stands still.", Said(report));
    }

    [Fact(Timeout = 60_000)]
    public async Task D9_A_clock_that_was_set_is_a_reason_until_it_has_gone_for_an_hour()
    {
        var stop = TestContext.Current.CancellationToken;
        var time = new JumpingTime();
        await using var rig = new LoopRig(time, _elsewhere);
        rig.Get<IntakeState>().Report = new IntakeReport(IntakeLink.Connected);
        rig.Get<ArrivalClock>().Now();
        time.Ahead = TimeSpan.FromMinutes(10);

        await rig.StartAsync(rig.Loops.OfType<GapLoop>().Single());
        while (rig.Get<HealthReport>().Reasons() is [])
            await Task.Delay(1, stop);

        Assert.Equal("clock", Assert.Single(rig.Get<HealthReport>().Reasons()).Part);
    }

    static string Said(HealthReport report) =>
        string.Join('|', report.Reasons().Select(it => $"{it.Part}: {it.Says}"));

    static DefaultHttpContext From(string address, string host)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Host = new HostString(host);
        return context;
    }

    sealed class JumpingTime : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Ahead;
    }
}
