using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Notify;

public sealed class RetryTableTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 15)]
    [InlineData(2, 30)]
    [InlineData(3, 60)]
    [InlineData(4, 120)]
    [InlineData(5, 300)]
    [InlineData(500, 300)]
    public void The_waits_are_those_of_the_table_a_fifth_to_either_side(int before, int seconds)
    {
        Assert.Equal(Duration.FromSeconds(seconds * 0.8), Wait(before, SendAnswer.Failed(""), 0));
        Assert.Equal(Duration.FromSeconds(seconds), Wait(before, SendAnswer.Failed(""), 0.5));
        Assert.Equal(Duration.FromSeconds(seconds * 1.2), Wait(before, SendAnswer.Failed(""), 1));
    }

    [Fact]
    public void A_refusal_is_tried_again_slowly_from_the_start() =>
        Assert.Equal(Duration.FromSeconds(300), Wait(0, SendAnswer.Refused("")));

    [Theory]
    [InlineData(90, 90)]
    [InlineData(2, 5)]
    [InlineData(-60, 5)]
    [InlineData(86_400, 300)]
    public void What_a_receiver_asks_for_is_honoured_up_to_five_minutes(int asked, int seconds) =>
        Assert.Equal(Duration.FromSeconds(seconds),
            Wait(0, SendAnswer.Failed("", Duration.FromSeconds(asked))));

    static Duration Wait(int before, SendAnswer answer, double chance = 0.5) =>
        RetryTable.Wait(before, answer, chance);
}
