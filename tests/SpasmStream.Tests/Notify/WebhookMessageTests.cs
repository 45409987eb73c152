using System.Text;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Notify;

public sealed class WebhookMessageTests
{
    [Theory]
    [InlineData(false, "webhook-plain.json")]
    [InlineData(true, "webhook-details.json")]
    public void S24_An_alert_reads_as_its_golden_file(bool details, string golden) => Assert.Equal(
        File.ReadAllText(Repository.At($"tests/SpasmStream.Tests/Notify/{golden}")).TrimEnd(),
        Body(News.Raised(), new WebhookOptions { IncludeDetails = details }));

    [Fact]
    public void S24_By_default_no_name_target_chance_reason_or_value_is_told()
    {
        var body = Body(News.Raised(), new WebhookOptions());

        Assert.All(["anna", "migraine", "0.41", "0.13", "292", "431", "slept", "in 10"],
            word => Assert.DoesNotContain(word, body, StringComparison.Ordinal));
    }

    [Fact]
    public void S24_A_wearer_goes_by_name_only_when_that_is_wanted()
    {
        Assert.Contains("\"wearer\":\"w-0123456789ab\"", Body(News.Raised(), new WebhookOptions()),
            StringComparison.Ordinal);
        Assert.Contains("\"wearer\":\"anna\"",
            Body(News.Raised(), new WebhookOptions { IncludeWearer = true }), StringComparison.Ordinal);
    }

    [Fact]
    public void S24_A_window_within_a_day_is_two_times_and_any_other_has_its_days()
    {
        Assert.Contains("\"text\":\"Risk window Sat 21:10 - Sun 21:10. Experimental",
            Body(News.Opened(), new WebhookOptions()), StringComparison.Ordinal);
        // The clocks go forward on the 29th: 24 hours later it is an hour later on the clock.
        Assert.Contains("\"text\":\"Risk window Sat 21:10 - Sun 22:10. ",
            Body(News.Opened(Instant.FromUtc(2026, 3, 28, 20, 10)), new WebhookOptions()),
            StringComparison.Ordinal);
        Assert.Contains("Risk window 21:10-21:40.", WebhookMessage.Plain(
            News.Issued, News.Issued + Duration.FromMinutes(30), News.Berlin), StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_that_closed_is_over_and_has_its_own_ends()
    {
        var body = Body(News.Closed(News.Issued, News.Issued + Duration.FromHours(9)), new WebhookOptions());

        Assert.Contains("\"kind\":\"resolved\"", body, StringComparison.Ordinal);
        Assert.Contains("""{"from":"2026-03-07T20:10:00Z","to":"2026-03-08T05:10:00Z"}""", body,
            StringComparison.Ordinal);
        Assert.Contains("\"text\":\"Risk window over.\"", body, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_says_so() => Assert.Equal(
        "{\"v\":1,\"key\":\"k\",\"kind\":\"test\",\"text\":\"SpasmStream test: this channel works. "
        + "It is about nobody.\",\"issued\":\"2026-03-07T20:10:00Z\"}",
        Encoding.UTF8.GetString(WebhookMessage.Test("k", News.Issued)));

    static string Body(Announcement news, WebhookOptions options) =>
        Encoding.UTF8.GetString(WebhookMessage.Of(News.Row(news), News.Berlin, options));
}
