using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

public sealed class RetainedTests
{
    const string Out = "spasmstream/v1/out/";

    [Fact]
    public void M19_A_thousand_topics_are_kept_and_an_empty_message_makes_room()
    {
        var retained = new Retained();
        for (var i = 0; i < 1_000; i++)
            Assert.True(retained.MayKeep($"{Out}{i}/risk", 100));

        Assert.False(retained.MayKeep(Out + "one-more/risk", 1));
        Assert.True(retained.MayKeep(Out + "7/risk", 200));
        Assert.True(retained.MayKeep(Out + "8/risk", 0));
        Assert.True(retained.MayKeep(Out + "one-more/risk", 1));
    }

    [Fact]
    public void M19_A_mebibyte_is_kept_and_nothing_outside_our_own_prefix()
    {
        var retained = new Retained();
        var (topic, other) = (Out + "ada/risk", Out + "bob/risk");

        Assert.True(retained.MayKeep(topic, 1024 * 1024 - topic.Length));
        Assert.False(retained.MayKeep(topic, 1024 * 1024 - topic.Length + 1));
        Assert.False(retained.MayKeep(other, 1));
        Assert.True(retained.MayKeep(topic, 1));
        Assert.True(retained.MayKeep(other, 1));
        Assert.False(retained.MayKeep("spasmstream/v1/in/ada/watch/status", 1));
    }

    [Fact]
    public void M19_What_a_start_begins_with_keeps_the_limits_too()
    {
        var kept = new Retained().Load([.. Enumerable.Range(0, 1_500)
            .Select(i => new KeptMessage($"{Out}{i}/risk", [1]))]);

        Assert.Equal(1_000, kept.Count);
        Assert.All(kept, it => Assert.True(it.Retain));
    }

    [Fact]
    public void S14_Ten_lines_a_second_of_a_kind_are_written_and_the_rest_is_counted()
    {
        var time = new FakeTimeProvider();
        var quiet = new Quiet(time);

        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => quiet.Admit("refused", out var _)));
        Assert.True(quiet.Admit("another", out var none));
        Assert.Equal(0, none);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(quiet.Admit("refused", out var leftOut));
        Assert.Equal(990, leftOut);
    }
}
