using System.Net;
using System.Text.RegularExpressions;
using SpasmStream.Core.Risk;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Web;

public sealed partial class PageTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_high_risk_day_is_flagged_with_its_alert_and_its_reasons()
    {
        var text = await TextAsync(SampleWearers.High);

        Assert.Contains("High-risk day", text);
        Assert.Contains("Alert yesterday 21:12, sent", text);
        Assert.Contains("Experimental: not yet shown to beat your usual rate.", text);
        Assert.Contains("Chance of a migraine attack within 24 h: about 4 in 10.", text);
        Assert.Contains("Your usual rate: about 1 in 10.", text);
        Assert.Contains("You slept 4 h 50 min", text);
        Assert.Contains("Risk window open for a migraine attack since yesterday 09:12", text);
        Assert.Contains("Preceded by a risk window that opened 14 h before.", text);
        Assert.Contains("Not preceded: no risk window was open.", text);
        Assert.Contains("Replayed: made from recordings, not live.", text);
        Assert.Contains("No skill shown yet", text);
    }

    [Fact]
    public async Task The_title_names_who_has_a_high_risk_day()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Three);

        Assert.Contains("<title>High-risk day: Ada - SpasmStream</title>", await host.PageAsync());
    }

    [Fact]
    public async Task A_high_risk_of_the_second_target_is_shown_large()
    {
        var (first, second) = (SampleWearers.Usual.Forecasts[0], SampleWearers.High.Forecasts[1]);
        var wearer = SampleWearers.Usual with { Forecasts = [first, second with { Band = Band.High }] };

        var text = await TextAsync(wearer);

        Assert.True(text.IndexOf("High-risk day", StringComparison.Ordinal)
            < text.IndexOf("migraine: About as usual", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ben", "About as usual", "Last sample just now: steps, band", "Last alert: Wed 18 Nov 02:12")]
    [InlineData("cleo", "Unknown", "No new samples. Last one 31 h ago", "Unknown is not the same as low.")]
    [InlineData("cleo", "Unknown", "Last night's sleep has not arrived.", "31 % of what it looks at")]
    [InlineData("dora", "Attack in progress", "Forecasts rest while it lasts", "Last sample 1 min ago")]
    [InlineData("eve", "No forecast yet", "No sample yet", "Nothing recorded yet.")]
    [InlineData("finn", "Higher than usual", "waiting to be sent", "have beaten your usual rate so far.")]
    [InlineData("gus", "Lower than usual", "about 1 in 20", "Your usual rate: about 4 in 20.")]
    public async Task Each_state_says_what_it_is_in_words(string id, params string[] words)
    {
        var text = await TextAsync(SampleWearers.All.Single(wearer => wearer.Id == id));

        Assert.All(words, word => Assert.Contains(word, text));
    }

    [Fact]
    public async Task An_unknown_day_shows_no_chance_at_all()
    {
        var text = await TextAsync(SampleWearers.Unknown);

        Assert.DoesNotContain("Chance of", text);
        Assert.DoesNotContain("lower than usual", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_old_alert_is_no_longer_flagged()
    {
        var old = SampleWearers.High.Alert! with { Raised = SampleWearers.Now - Duration.FromHours(24) };
        var text = await TextAsync(SampleWearers.High with { Alert = old });

        Assert.DoesNotContain(old.Text, text);
        Assert.Contains("Last alert: yesterday 03:12, sent.", text);
    }

    [Fact]
    public async Task Nobody_known_is_said_plainly()
    {
        var text = await TextAsync();

        Assert.Contains("No wearer is known.", text);
        Assert.Contains("48,210 received, 48,102 stored, 96 duplicates, 12 dead letters", text);
    }

    [Fact]
    public async Task B55_hostile_names_reach_the_page_as_text_only()
    {
        const string name = "<script>alert(1)</script>{{ states() }}\" onload=\"x";
        await using var host = await PageHost.StartAsync(SampleWearers.High with
        {
            Name = name,
            Last = new LastSample("heart rate", SampleWearers.Now, name),
            Alert = SampleWearers.High.Alert! with { Text = name },
            Forecasts = [SampleWearers.High.Forecasts[0] with { ReasonSentences = [name] }],
        });

        var html = await host.PageAsync();

        Assert.DoesNotContain("<script>alert", html);
        Assert.DoesNotContain("\" onload=\"", html);
        Assert.True(Text(html).Split(name).Length >= 5, "the name is shown as it was typed");
    }

    [Fact]
    public async Task No_forbidden_word_is_ever_shown()
    {
        string[] forbidden =
            ["diagnos", "detect", "prevent", "will ", "safe", "certain", "dose", "caused by", "patient"];

        var text = await TextAsync([.. SampleWearers.All]);

        Assert.All(forbidden, word => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task The_strip_tells_its_sixty_days_to_readers_that_cannot_see_it()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.High);

        var html = await host.PageAsync();

        Assert.Contains("role=\"img\" aria-labelledby=\"s-ada d-ada\"", html);
        Assert.Contains("id=\"d-ada\"", html);
        Assert.Contains("7 migraines and 4 spasms logged; a risk window came before", Text(html));
        Assert.Equal(60, RowHeader().Count(html));
        Assert.StartsWith("Sun 22 Nov", Text(RowHeader().Match(html).Value));
    }

    [Fact]
    public async Task Ids_are_unique_and_headings_never_skip_a_level()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.All);

        var html = await host.PageAsync();

        var ids = Id().Matches(html).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var levels = Heading().Matches(html).Select(match => match.Groups[1].Value[0] - '0').ToList();
        Assert.Equal(1, levels[0]);
        Assert.Equal(1, levels.Count(level => level == 1));
        Assert.All(levels.Zip(levels.Skip(1)), pair => Assert.True(pair.Second <= pair.First + 1));
        Assert.Contains("<html lang=\"en\">", html);
    }

    [Fact]
    public async Task The_page_needs_nothing_from_elsewhere_and_nothing_inline()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.All);
        var files = await host.PageAsync() + await host.Client.GetStringAsync("/app.css", Cancel)
            + await host.Client.GetStringAsync("/live.js", Cancel);

        Assert.DoesNotContain("http:", files);
        Assert.DoesNotContain("https:", files);
        Assert.DoesNotContain("@import", files);
        Assert.DoesNotContain("style=", files);
        Assert.DoesNotContain("<style", files);
        Assert.DoesNotMatch("""[\s"]on[a-z]+=""", files);
    }

    [Fact]
    public async Task Three_wearers_weigh_less_than_sixty_kilobytes()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Three);
        var bytes = 0;
        foreach (var path in (string[])["/", "/app.css", "/live.js", "/icon.svg"])
            bytes += (await host.Client.GetByteArrayAsync(path, Cancel)).Length;

        Assert.InRange(bytes, 10_000, 60_000);
    }

    [Fact]
    public async Task Without_scripts_it_renews_itself_unless_told_to_hold_still()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Usual);
        const string refresh = "<noscript><meta http-equiv=\"refresh\" content=\"20\" /></noscript>";

        Assert.Contains(refresh, await host.PageAsync());
        var still = await host.Client.GetStringAsync("/?hold", Cancel);
        Assert.DoesNotContain("refresh", still);
        Assert.DoesNotContain("<script", still);
    }

    [Fact]
    public async Task D9_A_gap_of_today_is_said_on_the_card_and_older_ones_on_the_strip_and_in_its_table()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.High);

        var html = await host.PageAsync();
        var text = Text(html);

        Assert.Contains(
            "Possible loss from yesterday 16:12 to yesterday 18:12: the broker had forgotten", text);
        Assert.Equal(3, Hatch().Count(html));
        Assert.Contains("1,204 messages came faster than they could be kept", text);
        Assert.Contains("Possible loss on 5 days.", text);
    }

    [Fact]
    public async Task D9_Without_a_gap_nothing_is_hatched_and_nothing_said()
    {
        await using var host = await PageHost.StartAsync(SampleWearers.Usual);

        var html = await host.PageAsync();

        Assert.Equal(0, Hatch().Count(html));
        Assert.DoesNotContain("ossible loss", html);
    }

    static async Task<string> TextAsync(params IReadOnlyList<WearerToday> wearers)
    {
        await using var host = await PageHost.StartAsync(wearers);
        return Text(await host.PageAsync());
    }

    // What a reader sees: no tags, entities decoded, runs of white space as one space.
    static string Text(string html) =>
        Space().Replace(WebUtility.HtmlDecode(Tag().Replace(html, "")), " ").Trim();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex("<th scope=\"row\">[^<]*</th>")]
    private static partial Regex RowHeader();

    [GeneratedRegex("\\sid=\"([^\"]*)\"")]
    private static partial Regex Id();

    [GeneratedRegex("class=\"lost-data\"[^>]*fill=\"url\\(#h-[a-z]+\\)\"><title>Possible loss from ")]
    private static partial Regex Hatch();

    [GeneratedRegex("<h([1-6])[ >]")]
    private static partial Regex Heading();
}
