using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Notify;

namespace SpasmStream.SystemTests.Notify;

/// <summary>A webhook against a real server on this machine, with time by hand.</summary>
public sealed class WebhookTests
{
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 7, 20, 10, 0, TimeSpan.Zero));

    [Fact]
    public async Task F49_Five_times_500_then_200_are_six_attempts_under_one_key()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, (context, post) =>
        {
            context.Response.StatusCode = post.Number <= 5 ? 500 : 200;
            return context.Response.WriteAsync($$"""{"id":"m-{{post.Number}}"}""");
        });
        using var hook = new Hook(receiver, _time);
        await hook.RaiseAsync();
        List<Post> posts = [];
        foreach (var wait in (double[])[0, 6.1, 18.1, 36.1, 72.1, 144.1])
        {
            await hook.RoundAsync(wait);
            posts.Add(await receiver.NextAsync());
        }

        await hook.RoundAsync(600);
        Assert.Equal(0, receiver.Waiting);
        Assert.All(posts, post => Assert.True(post.IsGenuine));
        Assert.Equal(KeyValuePair.Create(posts[0].Key, 6), Assert.Single(receiver.Effects));
        Assert.Equal(6, posts.Select(post => post.Timestamp).Distinct().Count());
        Assert.Equal("delivered 6 200 m-6", hook.Row("state || ' ' || attempts || ' ' || receipt"));
    }

    [Fact]
    public async Task F50_After_an_answer_that_was_cut_off_the_same_key_comes_again()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, (context, post) =>
        {
            if (post.Number == 1)
                context.Abort();
            return Task.CompletedTask;
        });
        using var hook = new Hook(receiver, _time);
        await hook.RaiseAsync();

        await hook.RoundAsync();
        Assert.Equal("pending", hook.Row("state"));
        await hook.RoundAsync(6.1);

        var (first, second) = (await receiver.NextAsync(), await receiver.NextAsync());
        Assert.Equal(first.Key, second.Key);
        Assert.Equal(first.Body, second.Body);
        Assert.Single(receiver.Effects);
        Assert.Equal("delivered", hook.Row("state"));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task S23_A_redirect_is_not_followed(int status)
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:" + context.Request.Host.Port + "/other";
            return Task.CompletedTask;
        });
        using var hook = new Hook(receiver, _time);

        var answer = await hook.TestAsync();

        Assert.Equal(Sending.Refused, answer.Sending);
        Assert.Equal("/hook", (await receiver.NextAsync()).Path);
        Assert.Equal(0, receiver.Waiting);
    }

    [Fact]
    public async Task S23_An_answer_is_read_to_64_KiB_and_no_further()
    {
        // The id is there, but only a reader of all of it would find a whole JSON document around it.
        var padding = new string(' ', 1 << 20);
        await using var receiver = await WebhookReceiver.StartAsync(_time, (context, post) =>
            context.Response.WriteAsync(post.Number == 1 ? $$"""{"id":"m"{{padding}}}"""
                : $$"""{"id":"m"{{padding[..65_000]}}}"""));
        using var hook = new Hook(receiver, _time);

        Assert.Equal("200", (await hook.TestAsync()).Detail);
        Assert.Equal("200 m", (await hook.TestAsync()).Detail);
    }

    [Fact]
    public async Task S23_An_answer_without_end_is_cut()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, async (context, post) =>
        {
            while (!post.Aborted.IsCancellationRequested)
                await context.Response.WriteAsync(new string('x', 8192));
        });
        using var hook = new Hook(receiver, _time);

        Assert.Equal(Sending.Delivered, (await hook.TestAsync()).Sending);
        await Ended((await receiver.NextAsync()).Aborted);
    }

    [Fact]
    public async Task S33_An_answer_is_never_unpacked()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, async (context, _) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var packed = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await packed.WriteAsync(Encoding.UTF8.GetBytes("""{"id":"m"}"""));
        });
        using var hook = new Hook(receiver, _time);

        Assert.Equal("200", (await hook.TestAsync()).Detail);
    }

    [Fact]
    public async Task S23_A_hanging_answer_ends_after_5_seconds()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, (_, post) => Ended(post.Aborted));
        using var hook = new Hook(receiver, _time);
        var sent = hook.TestAsync();
        var post = await receiver.NextAsync();

        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.False(post.Aborted.IsCancellationRequested || sent.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(SendAnswer.Failed("no answer within 5 s"), await sent);
        await Ended(post.Aborted);
    }

    [Theory]
    [InlineData(4 * 60 + 59, true)]
    [InlineData(5 * 60 + 1, false)]
    [InlineData(-5 * 60 - 1, false)]
    public async Task S23_A_timestamp_more_than_5_minutes_off_is_refused_by_the_receiver(int off, bool taken)
    {
        var theirs = new FakeTimeProvider(_time.GetUtcNow() + TimeSpan.FromSeconds(off));
        await using var receiver = await WebhookReceiver.StartAsync(theirs);
        using var hook = new Hook(receiver, _time);

        Assert.Equal(taken ? SendAnswer.Delivered("200 m-1") : SendAnswer.Refused("status 401"),
            await hook.TestAsync());
    }

    [Fact]
    public async Task B53_The_connection_goes_to_the_address_that_was_checked_under_the_name_that_was_meant()
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time);
        // Only the look-up that is handed in knows this name.
        using var hook = new Hook(receiver, _time, "receiver.invalid");

        Assert.Equal(Sending.Delivered, (await hook.TestAsync()).Sending);
        Assert.Equal($"receiver.invalid:{receiver.Port}", (await receiver.NextAsync()).Host);
    }

    [Theory]
    [InlineData(429, "90", 90, 90)]
    [InlineData(503, "86400", 300, 300)]
    [InlineData(503, "soon", 4, 6)]
    [InlineData(408, null, 4, 6)]
    [InlineData(400, null, 240, 360)]
    [InlineData(410, null, 240, 360)]
    public async Task What_a_receiver_asks_for_decides_when_it_is_tried_again(
        int status, string? after, int least, int most)
    {
        await using var receiver = await WebhookReceiver.StartAsync(_time, (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = after;
            return Task.CompletedTask;
        });
        using var hook = new Hook(receiver, _time);
        await hook.RaiseAsync();

        await hook.RoundAsync();

        var wait = (long.Parse(hook.Row("next")) - hook.Now.ToUnixTimeMilliseconds()) / 1000.0;
        Assert.InRange(wait, least, most);
        Assert.Equal("pending 1", hook.Row("state || ' ' || attempts"));
    }

    static async Task Ended(CancellationToken token)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var _ = token.Register(ended.SetResult);
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
