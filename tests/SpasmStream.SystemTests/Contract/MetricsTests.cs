using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using SpasmStream.Core.Signals;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Contract;

/// <summary>What the worker tells of itself: it adds up, and names nobody.</summary>
public sealed partial class MetricsTests
{
    const string Token = "a-token-of-these-tests-alone";
    const string Mark = "qzxw";
    const int Planted = 1_000;

    static readonly HttpClient _http = new();
    static readonly (string, string)[] _hub =
    [
        ("Broker:Accounts:2:User", Mark + "hub"), ("Broker:Accounts:2:Password", "h"),
        ("Broker:Accounts:2:Gateway", "true"),
    ];

    [GeneratedRegex("(spasmstream|dotnet)_[a-z0-9_]+")]
    private static partial Regex Asked { get; }

    [Fact]
    public async Task S35_Metrics_add_up_equal_the_file_and_name_none_of_a_thousand_wearers()
    {
        await using var rig = WorkerRig.Make(_hub);
        Plant(rig);
        await rig.StartAgainAsync();
        await rig.UntilAsync($"SELECT count(*) FROM wearer WHERE name LIKE '{Mark}%'", Planted);
        using var hub = await RawMqtt.ConnectAsync(rig.BrokerPort, Mark + "hub", Mark + "hub", "h");

        var sent = await PublishAsync(hub, () => ScrapeAsync(rig));
        await rig.UntilAsync("SELECT value FROM counter WHERE name='MessagesReceived'", sent);
        await Task.Delay(TimeSpan.FromSeconds(1.1), TestContext.Current.CancellationToken);
        var told = await ScrapeAsync(rig);

        Assert.Equal(sent, told.Counter("messages_received"));
        foreach (var counter in Enum.GetValues<Counter>())
            Assert.Equal(rig.Counter(counter.ToString()),
                told.Counter(WorkerMeter.NameOf(counter)["spasmstream.".Length..].Replace('.', '_')));
        Assert.Equal((1, 1, 1), (told.Counter("messages_empty"), told.Counter("messages_erased"),
            told.Counter("samples_superseded")));
        Assert.Equal(rig.Count("SELECT count(*) FROM sample"), told.Counter("samples_stored"));
        Assert.Equal(rig.Count("SELECT count(*) FROM dead_letter"),
            told.Sum("spasmstream_dead_letters_kept"));
        Assert.Equal(1, told["spasmstream_dead_letters_kept{reason=\"json\"}"]);
        Assert.Equal(1, told["spasmstream_broker_devices"]);
        Assert.Equal(0, told["spasmstream_messages_waiting"]);
        Assert.True(told["spasmstream_commit_duration_seconds_count"] >= 1);
        Assert.True(told["spasmstream_acknowledge_duration_seconds_count"] >= sent);
        Assert.Contains("pipeline_instance=\"sqlite\"", told.Text, StringComparison.Ordinal);
        Assert.Contains("dotnet_process_memory_working_set", told.Text, StringComparison.Ordinal);
        AssertNamesNobody(rig, told.Text);
        // Nothing is sent to InfluxDB here, so its requests have taken no time.
        foreach (var name in Shipped())
            Assert.True(name == "spasmstream_forward_duration_seconds_bucket"
                || told.All.Keys.Any(it => it.Split('{')[0] == name), $"deploy/ asks for {name}.");
    }

    [Fact]
    public async Task S35_Off_loopback_metrics_and_reasons_need_the_token_and_others_hear_booleans()
    {
        await using var rig = await WorkerRig.StartAsync(("Telemetry:Token", Token),
            ("Web:LoginInFront", "true"), ("Web:RequestsPerMinute", "200"));

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(rig, "/metrics", null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(rig, "/metrics", Token + "x")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(rig, "/metrics", Token)).Status);
        Assert.Equal("""{"live":true,"ready":true}""", (await AskAsync(rig, "/health", null)).Body);
        Assert.Equal("""{"live":true,"ready":true,"reasons":[]}""",
            (await AskAsync(rig, "/health", Token)).Body);
        await rig.Process.WaitUntilAsync(async _ =>
            (await AskAsync(rig, "/metrics", Token + "y")).Status == HttpStatusCode.TooManyRequests, "429");
        Assert.DoesNotContain(Token, rig.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S35_Without_a_token_nothing_is_told_through_a_proxy()
    {
        await using var rig = await WorkerRig.StartAsync(("Web:LoginInFront", "true"));

        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(rig, "/metrics", null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(rig, "/metrics", Token)).Status);
        Assert.Equal("""{"live":true,"ready":true}""", (await AskAsync(rig, "/health", null)).Body);
    }

    [Fact]
    public async Task F37_Health_says_that_the_store_cannot_commit_and_metrics_count_the_attempts()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        using (rig.Lock())
        {
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            await rig.Process.WaitUntilAsync(async _ => Parts((await AskAsync(rig, "/health", null)).Body)
                .Contains("store"), "the reason", TimeSpan.FromMinutes(1));
            // Readiness is looked at once a second.
            await rig.Process.WaitUntilAsync(async _ => await Exposition.ReadAsync(rig.Page) is var told
                && told["spasmstream_trouble{part=\"store\"}"] == 1 && told["spasmstream_ready"] == 0
                && told["spasmstream_messages_waiting"] == 1, "the metrics", TimeSpan.FromMinutes(1));
        }

        await rig.UntilSamplesAsync(1, TimeSpan.FromMinutes(1));
        await rig.Worker.WaitUntilReadyAsync(rig.Page);
        Assert.Equal("""{"live":true,"ready":true,"reasons":[]}""",
            (await AskAsync(rig, "/health", null)).Body);
        await rig.Process.WaitUntilAsync(async _ => (await Exposition.ReadAsync(rig.Page)).All.Keys.Any(it =>
            it.StartsWith("resilience_polly_strategy_events_total{", StringComparison.Ordinal)
            && it.Contains("event_name=\"OnRetry\"", StringComparison.Ordinal)), "the retry");
    }

    /// <summary>The metrics that what we ship asks Prometheus for.</summary>
    static IEnumerable<string> Shipped()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!Directory.Exists(Path.Combine(at.FullName, "deploy", "grafana")))
            at = at.Parent!;
        return ((string[])["grafana/worker.json", "spasmstream-rules.yml"])
            .SelectMany(file => Asked.Matches(File.ReadAllText(Path.Combine(at.FullName, "deploy", file))))
            .Select(it => it.Value).Distinct();
    }

    // Wearers as "wearers add" lists them, and one who was erased.
    static void Plant(WorkerRig rig)
    {
        var options = new StoreOptions { Directory = rig.Folder };
        using (var writer = new StoreWriter(StoreFile.Of(options), options, TimeProvider.System))
            writer.RunAsync(session =>
            {
                session.Erased.Add(new WearerId(Name(Planted)),
                    Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()));
                return true;
            }, CancellationToken.None).GetAwaiter().GetResult();
        new WearerFile(rig.Folder).Change(all => all.AddRange(
            Enumerable.Range(0, Planted + 1).Select(i => new WearerOptions { Id = Name(i) })));
    }

    /// <summary>All that can become of a message; between them somebody looks. Returns how many.</summary>
    static async Task<int> PublishAsync(RawMqtt hub, Func<Task> look)
    {
        var (now, id) = (WorkerRig.Now, 0);
        async Task SendAsync(int wearer, string payload)
        {
            await hub.SendAsync(RawMqtt.Publish(++id, TopicOf(wearer), payload));
            await hub.ReadPubackAsync();
        }

        for (var i = 0; i < 100; i++)
        {
            await SendAsync(i, WorkerRig.Bpm(now - i));
            if (i % 25 == 0)
                await look();
        }

        await SendAsync(0, WorkerRig.Bpm(now));
        await SendAsync(0, $$"""{"v":1,"t0":{{now - 9000}},"step":1000,"bpm":[60,null,70]}""");
        await SendAsync(0, $$"""{"v":1,"t0":{{now - 9000}},"step":1000,"bpm":[null,null]}""");
        await SendAsync(0, $$"""{"v":1,"t":{{now - 50_000}},"bpm":61,"rev":5}""");
        await SendAsync(0, $$"""{"v":1,"t":{{now - 50_000}},"bpm":62,"rev":6}""");
        await SendAsync(0, $$"""{"v":1,"t":{{now - 50_000}},"bpm":63,"rev":4}""");
        await SendAsync(1, $"not json {Mark}");
        await SendAsync(1, $$"""{"v":1,"t":{{now}},"bpm":9000}""");
        await SendAsync(Planted, WorkerRig.Bpm(now));
        return id;
    }

    static async Task<Exposition> ScrapeAsync(WorkerRig rig)
    {
        var told = await Exposition.ReadAsync(rig.Page);
        Assert.Equal(told.Counter("messages_received"), told.Counters("messages_stored", "messages_duplicate",
            "messages_dead", "messages_empty", "messages_ignored", "messages_erased"));
        Assert.Equal(told.Counter("samples_decoded"), told.Counters("samples_stored", "samples_duplicate",
            "samples_replaced", "samples_superseded"));
        Assert.Equal(told.Counter("dead_letters_written"), told.Sum("spasmstream_dead_letters_kept")
            + told.Counters("dead_letters_evicted", "dead_letters_requeued", "dead_letters_purged"));
        Assert.Equal(told.Counter("points_journalled"), told["spasmstream_points_waiting"]
            + told.Counters("points_forwarded", "points_refused", "points_dropped", "points_erased"));
        return told;
    }

    static void AssertNamesNobody(WorkerRig rig, string text)
    {
        Assert.DoesNotContain(Mark, text, StringComparison.OrdinalIgnoreCase);
        using var reader = rig.File.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = "SELECT pseudonym FROM wearer";
        using var row = command.ExecuteReader();
        while (row.Read())
            Assert.DoesNotContain(row.GetString(0), text, StringComparison.OrdinalIgnoreCase);
        foreach (var personal in (string[])["watch", "spasmstream/v1", "127.0.0.1", Environment.MachineName])
            Assert.DoesNotContain(personal, text, StringComparison.OrdinalIgnoreCase);
    }

    static async Task<(HttpStatusCode Status, string Body)> AskAsync(
        WorkerRig rig, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(rig.Page, path));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode,
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    static List<string> Parts(string body) => JsonDocument.Parse(body).RootElement.GetProperty("reasons")
        .EnumerateArray().Select(it => it.GetProperty("part").GetString()!).ToList();

    static string Name(int wearer) => $"{Mark}{wearer:0000}";

    static string TopicOf(int wearer) => $"spasmstream/v1/in/{Name(wearer)}/{Mark}watch/heart-rate";
}
