using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Intake;

public sealed class TopicFiltersTests
{
    [Theory]
    [InlineData("spasmstream/v1/in/#")]
    [InlineData("spasmstream/v1/in/ada/+/heart-rate")]
    [InlineData("#")]
    [InlineData("+/v1")]
    [InlineData("gadgetbridge/straße")]
    public void M9_A_filter_of_whole_levels_is_good(string filter) => Assert.Null(TopicFilters.Fault(filter));

    [Theory]
    [InlineData("", "needed")]
    [InlineData("a+b/c", "whole level")]
    [InlineData("a/b#", "whole level")]
    [InlineData("a/#/b", "whole level")]
    [InlineData("a//b", "empty level")]
    [InlineData("/a", "empty level")]
    [InlineData("a/", "empty level")]
    [InlineData("$share/group/a/#", "shared subscription")]
    [InlineData("$SYS/#", "belong to the broker")]
    [InlineData("a/\0", "control")]
    [InlineData("a/\uFFFD", "control")]
    public void M9_What_the_library_would_take_unseen_is_refused_with_a_reason(string filter, string why) =>
        Assert.Contains(why, TopicFilters.Fault(filter), StringComparison.Ordinal);

    [Fact]
    public void M9_A_filter_has_256_bytes_at_most()
    {
        Assert.Null(TopicFilters.Fault(new string('a', 256)));
        Assert.Contains("256", TopicFilters.Fault(new string('ä', 129)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/b/c", true)]
    [InlineData("a/+/c", "a/b/+", true)]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/+", "a/b/c", false)]
    [InlineData("a/b/#", "a/c/#", false)]
    [InlineData("a/+/heart-rate", "a/+/steps", false)]
    public void B46_Two_filters_overlap_when_some_topic_matches_both(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, TopicFilters.Overlap(one, other));
        Assert.Equal(overlap, TopicFilters.Overlap(other, one));
    }

    [Fact]
    public void B46_Every_fault_is_one_line_with_the_place_of_its_filter()
    {
        var faults = TopicFilters.Faults(["a/#", "b", "a/c", "b+"], "Mqtt:Filters").ToList();

        Assert.Equal(2, faults.Count);
        Assert.StartsWith(
            "Mqtt:Filters:2: it takes topics that Mqtt:Filters:0", faults[0], StringComparison.Ordinal);
        Assert.StartsWith("Mqtt:Filters:3: ", faults[1], StringComparison.Ordinal);
        Assert.Contains("50", Assert.Single(TopicFilters.Faults(
            [.. Enumerable.Range(0, 51).Select(i => $"t{i}")], "Mqtt:Filters")), StringComparison.Ordinal);
    }
}
