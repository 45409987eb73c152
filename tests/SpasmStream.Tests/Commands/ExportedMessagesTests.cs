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

    [Theory]
    [InlineData("heart-rate", """ "dur":5000,"stat":"mean","flags":["moving"],"q":0.5,"bpm":[60,61,62,63]""")]
    [InlineData("steps", """ "dur":60000,"steps":[10,0,20,30]""")]
    [InlineData("steps", """ "total":[100,200,300,400],"since":1770000000000""")]
    [InlineData("hrv", """ "dur":300000,"rmssd":[40,41,42,43],"sdnn":[50,null,52,53],"ctx":"sleep" """)]
    public async Task S26_Of_an_object_of_which_a_part_was_refused_live_only_what_was_kept_is_exported(
        string kind, string members)
    {
        using var journal = new Journal();
        // The third is of the future.
        var json = $$"""
            {"v":1,"id":"a, b","rev":2,"src":"x","tz":"Europe/Berlin","t0":"{{_at}}",
             "dt":[0,60000,36000000,120000],{{members}}}
            """;
        var whole = $$"""{ "id":"w", "v":1, "t0":"{{_at}}", "step":60000,{{members}}}""";
        var partly = Live(json);
        await journal.KeepAsync([partly, Live(whole)]);

        var messages = ExportedMessages.Of(journal.File, [Journal.Ada]).ToList();

        Assert.All(partly.Decoded.Rejections, rejection => Assert.Equal(2, rejection.Index));
        Assert.NotEmpty(partly.Decoded.Rejections);
        Assert.Equal(2, messages.Count);
        var message = Assert.Single(messages, m => Encoding.UTF8.GetString(m.Payload) != whole);
        var again = journal.Read(Journal.Sent(message.Topic, message.Payload, After(5))).Decoded;
        Assert.Empty(again.Rejections);
        Assert.Equal(partly.Decoded.Samples, again.Samples);
        var fact = Assert.Single(again.Facts);
        Assert.Equal(("a, b", 2), (fact.Id, fact.Revision));

        Worker.Store.Arrival Live(string text)
        {
            var delivery = Journal.Sent($"watch/{kind}", text, After(5));
            return new(delivery, new Worker.Decoding.WireDecoder().Decode(delivery.Topic, delivery.Payload,
                delivery.Received, Worker.Decoding.DecodeLimits.Live));
        }
    }

    static Sample Bpm(double value) => Assess.Said.Sample(Signal.HeartRate, _at, value);

    static Instant After(int minutes) => _at + Duration.FromMinutes(minutes);
}
