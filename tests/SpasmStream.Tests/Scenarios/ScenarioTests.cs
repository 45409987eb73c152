using SpasmStream.Tests.Assess;

namespace SpasmStream.Tests.Scenarios;

/// <summary>Days as people complain of them, each through the store in several orders.</summary>
public sealed class ScenarioTests
{
    const int Orders = 4;

    public static TheoryData<string> All => [.. Scenario.Names()];

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_is_known_in_the_end_is_what_was_sent(string name)
    {
        var scenario = Scenario.Read(name);
        for (var order = 0; order < Orders; order++)
        {
            using var journal = new Journal(mayRefuse: true);
            var random = new Random(order);
            var messages = scenario.Deliveries.ToArray();
            if (order > 0)
                random.Shuffle(messages);
            await journal.KeepAsync(messages, () => random.Next(1, 9));
            await journal.Follow(scenario.Profile).AdvanceAsync(
                scenario.Until, replayed: true, TestContext.Current.CancellationToken);

            Assert.Equal(scenario.Expected, new ScenarioReport(scenario, journal).ToString());
        }
    }

    [Fact]
    public void There_are_at_least_twenty_five_of_them() => Assert.True(Scenario.Names().Count() >= 25);
}
