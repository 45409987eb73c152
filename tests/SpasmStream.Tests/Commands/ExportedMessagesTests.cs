using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Assess;
using SpasmStream.Worker.Commands;

namespace SpasmStream.Tests.Commands;

/// <summary>What the store holds as the messages that would make it again.</summary>
public sealed class ExportedMessagesTests
{
    static readonly Instant _at = Instant.FromUtc(2026, 3, 8, 21, 0);

    [Fact]
    public async Task S26_What_came_with_an_id_is_exported_as_it_came_with_what_took_it_back_and_once_only()
    {
        using var journal = new Journal();
        await journal.KeepAsync(
            Assess.Said.Fact("a", 0, After(2), Bpm(60)), Assess.Said.FactBack("a", 0, After(3)),
            Assess.Said.Samples(After(1), Bpm(61)),
            Assess.Said.Back("watch", "sleep", "n", 4, After(4)),
            Assess.Said.Event(SleepEventKind.Stop, After(4), After(5)));

        var messages = ExportedMessages.Of(journal.File, [Journal.Ada]).ToList();

        Assert.Equal(Enumerable.Range(1, 5).Select(After), messages.Select(m => m.Received));
        Assert.Equal(["heart-rate", "kind", "kind", "sleep", "sleep"],
            messages.Select(m => m.Topic.Split('/')[^1]));
        Assert.Equal($$"""{"v":1,"t":{{_at.ToUnixTimeMilliseconds()}},"bpm":61}""", Text(0));
        Assert.StartsWith("a 0 ", Text(1), StringComparison.Ordinal);
        Assert.Equal("a 0 delete", Text(2));

        string Text(int i) => Encoding.UTF8.GetString(messages[i].Payload);
    }

    [Fact]
    public async Task S26_What_two_devices_said_alike_in_one_instant_is_exported_in_the_same_order_always()
    {
        string[] devices = ["watch", "band", "ring", "belt"];
        HashSet<string> orders = [];
        foreach (var order in (string[][])[devices, [.. devices.Reverse()], [.. devices.Order()]])
        {
            using var journal = new Journal();
            foreach (var device in order)
                await journal.KeepAsync(Journal.Sent($"{device}/sleep", $$"""
                    {"v":1,"id":"n","t":{{_at.ToUnixTimeMilliseconds()}},"dur":25200000}
                    """, After(500)));
            orders.Add(string.Join(' ', ExportedMessages.Of(journal.File, [Journal.Ada])
                .Select(message => message.Topic.Split('/')[^2])));
        }

        Assert.Equal(["band belt ring watch"], orders);
    }

    static Sample Bpm(double value) => Assess.Said.Sample(Signal.HeartRate, _at, value);

    static Instant After(int minutes) => _at + Duration.FromMinutes(minutes);
}
