using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

public sealed class MqttCheckTests
{
    [Theory]
    [InlineData("a/b", "a/b", true)]
    [InlineData("a/b", "a/c", false)]
    [InlineData("a/+", "a/c", true)]
    [InlineData("a/+", "a/c/d", false)]
    [InlineData("a/#", "a", true)]
    [InlineData("a/#", "a/c/d", true)]
    [InlineData("#", "x/y", true)]
    [InlineData("+/b/#", "a/+/c", true)]
    [InlineData("+/b/#", "a/c/#", false)]
    [InlineData("a", "a/b", false)]
    public void B46_Filters_overlap_when_one_topic_matches_both(string one, string other, bool overlap)
    {
        Assert.Equal(overlap, MqttCheck.Overlap(one, other));
        Assert.Equal(overlap, MqttCheck.Overlap(other, one));
    }

    [Theory]
    [InlineData("a/+/#", true)]
    [InlineData("#", true)]
    [InlineData("", false)]
    [InlineData("a/b#", false)]
    [InlineData("a/#/b", false)]
    [InlineData("a/+b", false)]
    [InlineData("a\0", false)]
    public void B46_A_filter_is_one_that_MQTT_knows(string filter, bool known) =>
        Assert.Equal(known, MqttCheck.IsFilter(filter));
}
