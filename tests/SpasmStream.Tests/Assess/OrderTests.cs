using System.Text.Json.Nodes;
using SpasmStream.Core.Risk;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Assess;

/// <summary>Ruling 3: which value wins is a matter of the messages, not of their order.</summary>
public sealed class OrderTests
{
    const int Days = 14;

    [Fact]
    public async Task Twenty_orders_and_batch_sizes_of_one_set_of_messages_give_the_same_rows()
    {
        var messages = Contested();
        HashSet<string> summaries = [], ledgers = [];
        for (var order = 0; order < 20; order++)
        {
            var random = new Random(order);
            Delivery[] shuffled = [.. messages];
            random.Shuffle(shuffled);
            using var journal = new Journal();
            var most = random.Next(1, 200);
            await journal.KeepAsync(shuffled, () => random.Next(1, most + 1));
            await journal.Follow().AdvanceAsync(Journal.Now, true, TestContext.Current.CancellationToken);
            summaries.Add(journal.HashOf("hour_summary", "day_summary"));
            ledgers.Add(journal.HashOf("forecast"));
            Assert.True(journal.Query<long>("SELECT count(*) FROM day_summary")[0] > Days);
            Assert.True(journal.Query<long>("SELECT count(*) FROM sample_superseded")[0] > 100);
        }

        Assert.Single(summaries);
        Assert.Single(ledgers);
    }

    [Fact]
    public async Task A_recording_in_memory_says_the_same_as_the_file_in_any_order()
    {
        var messages = Contested();
        using var journal = new Journal();
        await journal.KeepAsync(messages);
        await journal.Follow().AdvanceAsync(
            Journal.Now - Duration.FromHours(3), true, TestContext.Current.CancellationToken);
        var stored = journal.Query<string>(
            "SELECT issued || ' ' || kind || ' ' || features FROM forecast ORDER BY issued");
        for (var order = 0; order < 5; order++)
        {
            Delivery[] shuffled = [.. messages];
            new Random(order).Shuffle(shuffled);
            var backtest = new Backtest(new WearerDirectory([], admitsStrangers: true, "Europe/Berlin"));
            foreach (var delivery in shuffled)
                backtest.Add(delivery);
            var judged = await backtest.RunAsync(TestContext.Current.CancellationToken);

            var limit = Journal.Now - Duration.FromHours(3);
            Assert.Equal(stored, judged.Where(j => j.Forecast.Issued <= limit).Select(j => Text(j.Forecast)));
        }
    }

    static string Text(Forecast forecast) => string.Join(
        ' ', forecast.Issued.ToUnixTimeMilliseconds(), forecast.Kind,
        Worker.Store.Json.Write(forecast.Features));

    /// <summary>
    /// Two weeks with the same facts told again: unchanged, with a revision, without one, and at one instant.
    /// </summary>
    static List<Delivery> Contested()
    {
        var decoder = new WireDecoder();
        List<Delivery> messages = [];
        foreach (var (i, sent) in Journal.History(Days).Index())
        {
            messages.Add(sent);
            if (i % 3 == 0)
                messages.Add(sent with { Received = sent.Received + Duration.FromHours(5) });
            if (sent.Topic.EndsWith("/sleep", StringComparison.Ordinal))
                messages.Add(Shorter(sent));
            if (i % 2 == 0 || !sent.Topic.EndsWith("/heart-rate", StringComparison.Ordinal))
                continue;
            var decoded = decoder.Decode(sent.Topic, sent.Payload, sent.Received, DecodeLimits.AnyTime);
            foreach (var (revision, bpm, hours) in ((int, int, int)[])
                [
                    (0, 3, 0), (0, -4, 7), (1, 2, 30), (1, 5, 30),
                ])
                messages.Add(sent with
                {
                    Payload = WireEncoder.Encode([.. decoded.Samples
                        .Select(s => s with { Value = s.Value + bpm, Revision = revision })]),
                    Received = sent.Received + Duration.FromHours(hours),
                });
        }

        return messages;
    }

    static Delivery Shorter(Delivery sent)
    {
        var night = JsonNode.Parse(sent.Payload.Span)!.AsObject();
        foreach (var member in (string[])["stages", "waso", "awakenings", "in_bed", "latency"])
            night.Remove(member);
        night["asleep"] = (long)night["asleep"]! - 25 * 60_000;
        return Journal.Sent(
            sent.Topic, System.Text.Encoding.UTF8.GetBytes(night.ToJsonString()), sent.Received);
    }
}
