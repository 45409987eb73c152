using Microsoft.AspNetCore.Http;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Notify;

/// <summary>What is planted in webhooks, wearers and answers, and must not be printed.</summary>
public sealed class WebhookSecrecyTests
{
    const string Wearer = "canary-wearer", Path = "/canary-path", Query = "?token=canary-query";
    const string InAnswer = "canary-answer";

    // The broker and the page say 127.0.0.1 of themselves.
    const string Host = "localhost";

    static readonly string[] _canaries =
    [
        Wearer, Path, Query, InAnswer, WebhookReceiver.Secret, "canary", Host, "migraine", "0.4123",
        "4 h 52", "tst", "Risk window", "chance", "v1=",
    ];

    [Fact]
    public async Task S13_A_run_with_failing_webhooks_prints_no_address_name_secret_or_payload()
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System, AnswerAsync);
        var root = $"http://{Host}:{receiver.Port}{Path}";
        string[] urls =
        [
            $"{root}/500{Query}", $"{root}/403{Query}", $"{root}/302{Query}", $"{root}/cut{Query}",
            $"http://{Host}:{FreePort.Next()}{Path}{Query}", $"https://{Host}:{receiver.Port}{Path}",
            $"{root}/200{Query}",
        ];
        var settings = new List<(string, string)>
        {
            ("Wearers:2:Id", Wearer), ("Wearers:2:QuietFrom", "00:00"), ("Wearers:2:QuietUntil", "00:00"),
        };
        for (var i = 0; i < urls.Length; i++)
            settings.AddRange([.. Settings(i, urls[i])]);
        await using var rig = WorkerRig.Make([.. settings]);
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await SomeAlert.SaveAsync(writer, Wearer, Instant.FromUnixTimeMilliseconds(WorkerRig.Now),
                [OutChannel.Mqtt, .. urls.Select((_, i) => new OutChannel($"hook-{i}"))]);

        await rig.StartAgainAsync();
        for (var i = 0; i < urls.Length - 1; i++)
            await rig.Process.WaitForLineAsync($"Channel hook-{i} ");
        await rig.UntilAsync("SELECT count(*) FROM outbox WHERE state='delivered'", 2);
        Assert.Equal(0, await rig.Worker.StopAsync());

        AssertSilent(rig.Process.Output);
    }

    [Fact]
    public async Task S12_A_test_of_a_failing_webhook_prints_none_of_it_either()
    {
        await using var receiver = await WebhookReceiver.StartAsync(TimeProvider.System, AnswerAsync);
        var url = $"http://{Host}:{receiver.Port}{Path}/403{Query}";
        await using var test = WorkerProcess.Start(System.IO.Path.GetTempPath(), ["notify", "test"],
            Settings(0, url).ToDictionary(
                it => "SPASMSTREAM_" + it.Item1.Replace(":", "__", StringComparison.Ordinal),
                it => it.Item2));

        Assert.Equal(78, await test.Process.ExitAsync());

        Assert.Contains("did not arrive", test.Process.Output, StringComparison.Ordinal);
        AssertSilent(test.Process.Output);
    }

    [Fact]
    public async Task S12_A_webhook_that_is_refused_at_the_start_is_not_repeated()
    {
        await using var rig = WorkerRig.Make(("Notify:Webhooks:0:Url", $"http://canary.example{Path}{Query}"),
            ("Notify:Webhooks:0:Secret", "canary"));
        await rig.StartAgainAsync(ready: false);

        Assert.Equal(78, await rig.Process.ExitAsync());

        Assert.Contains("Notify:Webhooks:0:Secret: ", rig.Process.Output, StringComparison.Ordinal);
        AssertSilent(rig.Process.Output);
    }

    static Task AnswerAsync(HttpContext context, Post post)
    {
        context.Response.Headers["X-Receipt-Id"] = InAnswer;
        if (post.Path.EndsWith("cut", StringComparison.Ordinal))
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.StatusCode = int.Parse(post.Path[^3..]);
        context.Response.Headers.Location = "http://canary.example/";
        return context.Response.WriteAsync(InAnswer);
    }

    static void AssertSilent(string output) => Assert.All(_canaries,
        canary => Assert.DoesNotContain(canary, output, StringComparison.OrdinalIgnoreCase));

    static (string, string)[] Settings(int i, string url) =>
    [
        ($"Notify:Webhooks:{i}:Name", $"hook-{i}"), ($"Notify:Webhooks:{i}:Url", url),
        ($"Notify:Webhooks:{i}:Secret", WebhookReceiver.Secret),
        ($"Notify:Webhooks:{i}:AllowedHosts:0", Host),
    ];
}
