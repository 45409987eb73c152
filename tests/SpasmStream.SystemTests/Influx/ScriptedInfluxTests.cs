using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Http;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Influx;

/// <summary>Over a real connection, answers that no real InfluxDB gives when a test wants them.</summary>
public sealed class ScriptedInfluxTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1", 1)]
    [InlineData("date", 1)]
    [InlineData("x", 0.4)]
    public async Task F21_Retry_After_is_kept_to_over_the_line(string retryAfter, double least)
    {
        var answered = new List<long>();
        await using var fake = await FakeInflux.StartAsync((context, request) =>
        {
            answered.Add(TimeProvider.System.GetTimestamp());
            context.Response.StatusCode = answered.Count == 1 ? 429 : 204;
            if (answered.Count == 1)
                context.Response.Headers.RetryAfter = retryAfter == "date" ? InTwoSeconds() : retryAfter;
            return Task.CompletedTask;
        });
        await using var rig = new ForwardingRig(fake.Options);

        await rig.StartAsync(10);
        await rig.UntilForwardedAsync();

        Assert.Equal(2, answered.Count);
        // A date has whole seconds, so up to one of the two may be over when it is read.
        var waited = TimeProvider.System.GetElapsedTime(answered[0], answered[1]);
        Assert.True(waited.TotalSeconds >= least - 0.05);
    }

    [Fact]
    public async Task F25_A_2x_that_refuses_the_whole_body_for_one_line_loses_that_line_alone()
    {
        await using var fake = await FakeInflux.StartAsync((context, request) =>
            Has(request, "value=3271,")
                ? SayAsync(context, 400, """{"code":"invalid","message":"unable to parse 'heart_rate'"}""")
                : SayAsync(context, 204, ""));
        var options = fake.Options;
        (options.Version, options.Org, options.Token) = (InfluxVersion.V2, "home", "s3cret");
        await using var rig = new ForwardingRig(options);

        await rig.StartAsync(5000);
        await rig.UntilForwardedAsync();

        Assert.Equal((3271, "unreadable"),
            (rig.Journal.Refused.Single().Sample.Value, rig.Journal.Refused.Single().Why.Reason));
        Assert.InRange(fake.Requests.Count, 2, 30);
        Assert.All(fake.Requests, it => Assert.Equal(
            ("/api/v2/write", "?org=home&bucket=t&precision=ms", "Token s3cret"),
            (it.Path, it.Query, it.Authorization)));
    }

    [Fact]
    public async Task F28_Taken_and_not_stored_is_told_by_the_canary()
    {
        await using var fake = await FakeInflux.StartAsync((context, request) => request.Path == "/query"
            ? SayAsync(context, 200, """{"results":[{"statement_id":0}]}""")
            : SayAsync(context, 204, ""));
        using var link = new InfluxHttp(fake.Options, TimeProvider.System);

        Assert.Equal(CanaryAnswer.Missing, await CanaryLoop.TryAsync(link, TimeProvider.System, Stop));
    }

    [Theory]
    [InlineData(200, """{"results":[{"statement_id":0,"error":"database not found: t"}]}""")]
    [InlineData(200, """{"error":"error parsing query"}""")]
    [InlineData(401, """{"error":"authorization failed"}""")]
    [InlineData(200, "no json at all")]
    [InlineData(200, """{"results":[{"series":[{"columns":"x"}]}]}""")]
    public async Task I14_A_question_that_failed_is_not_an_answer_without_rows(int status, string body)
    {
        await using var fake = await FakeInflux.StartAsync((context, request) => request.Path == "/query"
            ? SayAsync(context, status, body) : SayAsync(context, 204, ""));
        using var link = new InfluxHttp(fake.Options, TimeProvider.System);

        Assert.Equal(CanaryAnswer.Unknown, await CanaryLoop.TryAsync(link, TimeProvider.System, Stop));
    }

    [Fact]
    public Task F29_An_answer_that_drips_is_cut_and_leaves_no_connection() => DripAsync(20);

    [NightlyFact]
    public async Task F29_A_hundred_answers_that_drip_leave_no_thread_and_no_connection()
    {
        await DripAsync(10);
        var before = ThreadPool.ThreadCount;
        await DripAsync(100);
        Assert.InRange(ThreadPool.ThreadCount, 0, before + 8);
    }

    static async Task DripAsync(int rounds)
    {
        await using var fake = await FakeInflux.StartAsync(async (context, request) =>
        {
            context.Response.ContentType = "application/json";
            using var drip = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (await drip.WaitForNextTickAsync(context.RequestAborted))
                await context.Response.WriteAsync(" ", context.RequestAborted);
        });
        var time = new HurriedTime(100);
        using var link = new InfluxHttp(fake.Options, time);
        for (var round = 0; round < rounds; round++)
            Assert.Equal(new InfluxAnswer(0), await link.WriteAsync(CanaryLoop.Line(1), Stop));

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (fake.Connections > 0)
            await poll.WaitForNextTickAsync(patience.Token);
        Assert.Equal(rounds, fake.Requests.Count);
    }

    [Fact]
    public async Task I13_A_redirect_is_not_followed_and_a_page_is_nobodys()
    {
        await using var fake = await FakeInflux.StartAsync((context, request) =>
        {
            var isRedirect = request.Query.Contains("t1", StringComparison.Ordinal);
            if (isRedirect)
                context.Response.Headers.Location = "/elsewhere";
            context.Response.ContentType = "text/html";
            return SayAsync(context, isRedirect ? 307 : 200, "<p>Hi");
        });
        foreach (var database in new[] { "t1", "t2" })
        {
            var options = fake.Options;
            options.Database = database;
            using var link = new InfluxHttp(options, TimeProvider.System);

            Assert.Equal(NextStep.Pause, AnswerSort.Of(await link.WriteAsync(CanaryLoop.Line(1), Stop)).Step);
        }

        Assert.DoesNotContain(fake.Requests, it => it.Path == "/elsewhere");
    }

    [Fact]
    public async Task S33_A_bomb_in_an_answer_is_not_inflated()
    {
        var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
            for (var i = 0; i < 100; i++)
                await gzip.WriteAsync(new byte[1024 * 1024], Stop);
        await using var fake = await FakeInflux.StartAsync(async (context, request) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(bomb.ToArray());
        });
        using var link = new InfluxHttp(fake.Options, TimeProvider.System);
        await link.WriteAsync(CanaryLoop.Line(1), Stop);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var answer = await link.WriteAsync(CanaryLoop.Line(1), Stop);

        Assert.True(answer.IsForeign);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2 * 1024 * 1024);
    }

    [Fact]
    public async Task S33_Of_an_endless_answer_64_KiB_are_read()
    {
        var sent = 0;
        await using var fake = await FakeInflux.StartAsync(async (context, request) =>
        {
            var piece = new byte[64 * 1024];
            while (!context.RequestAborted.IsCancellationRequested && sent < 2000)
            {
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                sent++;
            }
        });
        using var link = new InfluxHttp(fake.Options, TimeProvider.System);

        Assert.True((await link.WriteAsync(CanaryLoop.Line(1), Stop)).IsForeign);
        Assert.InRange(sent, 0, 1999);
    }

    [Theory]
    [InlineData("1.8.10", "", "", "/write")]
    [InlineData("v2.7.1", "OSS", "", "/api/v2/write")]
    [InlineData("3.1.0", "Core", "", "/api/v2/write")]
    [InlineData("", "", "vm", "/api/v2/write")]
    public async Task The_path_is_that_of_the_version_that_answers(
        string version, string build, string server, string path)
    {
        await using var fake = await FakeInflux.StartAsync((context, request) =>
        {
            var headers = context.Response.Headers;
            foreach (var (name, value) in new[] { ("X-Influxdb-Version", version),
                ("X-Influxdb-Build", build), ("X-Server-Hostname", server) })
                if (value.Length > 0)
                    headers[name] = value;
            return SayAsync(context, 204, "");
        });
        var options = fake.Options;
        options.Version = InfluxVersion.Auto;
        using var link = new InfluxHttp(options, TimeProvider.System);
        await link.WriteAsync(CanaryLoop.Line(1), Stop);
        await link.WriteAsync(CanaryLoop.Line(2), Stop);

        Assert.Equal(["/ping", path, path], fake.Requests.Select(it => it.Path));
    }

    [Theory]
    [InlineData("127.0.0.1", true, true)]
    [InlineData("127.0.0.1", false, false)]
    [InlineData("other.example", true, false)]
    public async Task S06_Only_a_certificate_of_its_authority_and_for_its_name_is_trusted(
        string name, bool isOurs, bool trusted)
    {
        using var folder = new TempFolder();
        using var ours = new TestAuthority();
        using var other = new TestAuthority("Another authority");
        var pair = ours.Issue(name);
        using var certificate = X509Certificate2.CreateFromPem(pair.Certificate, pair.Key);
        await using var fake = await FakeInflux.StartAsync(
            (context, request) => SayAsync(context, 204, ""), certificate);
        var options = fake.Options;
        options.CaFile = folder.Write("ca.pem", (isOurs ? ours : other).Pem);
        Assert.Empty(options.Faults());
        using var link = new InfluxHttp(options, TimeProvider.System);

        var sorted = AnswerSort.Of(await link.WriteAsync(CanaryLoop.Line(1), Stop));

        Assert.Equal(trusted ? NextStep.Done : NextStep.Pause, sorted.Step);
        Assert.Equal(trusted ? 1 : 0, fake.Requests.Count);
    }

    static string InTwoSeconds() =>
        TimeProvider.System.GetUtcNow().AddSeconds(2).ToString("R", CultureInfo.InvariantCulture);

    static bool Has(InfluxRequest request, string text) =>
        Encoding.UTF8.GetString(request.Body).Contains(text, StringComparison.Ordinal);

    static Task SayAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType ??= "application/json";
        return body.Length == 0 ? Task.CompletedTask : context.Response.WriteAsync(body);
    }
}
