using System.Diagnostics;
using System.Text;
using MQTTnet.Protocol;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.SystemTests.Simulators;

public sealed class MqttPublisherTests
{
    static readonly Instant Start = Instant.FromUtc(2026, 3, 7, 6, 0);

    [Fact]
    public async Task Messages_reach_the_broker_once_and_in_order_with_their_receipt()
    {
        await using var broker = new RecordingBroker();
        await broker.StartAsync();
        await PublishAsync(broker, 2_000);

        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => $"{{\"v\":{i}}}"), Texts(broker));
        Assert.Equal("2026-03-07T06:00:07.000Z", broker.Taken[7].Received);
        Assert.All(broker.Taken, message => Assert.Equal("ada:ada", message.Client));
    }

    [Fact]
    public async Task Several_messages_are_in_flight_at_once()
    {
        await using var broker = new RecordingBroker();
        await broker.StartAsync();
        var (read, most) = (0, 0);
        var settled = 0;
        IEnumerable<WireMessage> Source()
        {
            foreach (var message in Messages(200))
            {
                read++;
                most = Math.Max(most, read - settled);
                yield return message;
            }
        }

        await using var publisher = new MqttPublisher(Address(broker), "ada", TimeProvider.System);
        await publisher.PublishAsync(Source(), _ => settled++, TestContext.Current.CancellationToken);

        Assert.Equal((200, 200, 16), (read, settled, most));
    }

    [Fact]
    public async Task M6_What_a_lost_connection_did_not_acknowledge_is_sent_again_unchanged()
    {
        var cuts = 0;
        await using var broker = new RecordingBroker
        {
            Intercept = (taken, _) => taken is 40 or 130 && cuts < 2 && ++cuts <= 2,
        };
        await broker.StartAsync();
        var settled = await PublishAsync(broker, 300);

        Assert.Equal(2, cuts);
        Assert.Equal(3, broker.Connections);
        Assert.Equal(
            Messages(300).Select(message => message.Topic), settled.Select(receipt => receipt.Message.Topic));
        Assert.Equal(300, Texts(broker).Distinct().Count());
        foreach (var copies in broker.Taken.GroupBy(message => Encoding.UTF8.GetString(message.Payload)))
            Assert.Single(copies.Select(message => message.Received).Distinct());
    }

    [Fact]
    public async Task M5_A_refused_message_is_reported_and_not_sent_again()
    {
        await using var broker = new RecordingBroker
        {
            Intercept = (_, publish) =>
            {
                if (publish.ApplicationMessage.Topic.EndsWith("/5", StringComparison.Ordinal))
                    publish.Response.ReasonCode = MqttPubAckReasonCode.PayloadFormatInvalid;
                return false;
            },
        };
        await broker.StartAsync();
        var settled = await PublishAsync(broker, 10);

        Assert.Equal(9, broker.Taken.Count);
        var refused = Assert.Single(settled, receipt => receipt.Refusal is not null);
        Assert.Contains("PayloadFormatInvalid", refused.Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task M5_A_wrong_password_ends_at_once_with_a_sentence()
    {
        await using var broker = new RecordingBroker { Password = "another" };
        await broker.StartAsync();
        var refusal = await Assert.ThrowsAsync<BrokerUnavailableException>(() => PublishAsync(broker, 1));

        Assert.Contains("BadUserNameOrPassword", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, broker.Connections);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_given_up_after_the_patience()
    {
        await using var broker = new RecordingBroker();
        var refusal = await Assert.ThrowsAsync<BrokerUnavailableException>(() =>
            PublishAsync(broker, 1, TimeSpan.FromSeconds(1)));

        Assert.Contains("acknowledged nothing for 1 s", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_closes_on_every_message_is_given_up_too()
    {
        await using var broker = new RecordingBroker { Intercept = static (_, _) => true };
        await broker.StartAsync();
        await Assert.ThrowsAsync<BrokerUnavailableException>(() =>
            PublishAsync(broker, 1, TimeSpan.FromSeconds(2)));

        Assert.InRange(broker.Connections, 2, 5);
    }

    [Fact]
    public async Task The_command_publishes_a_history_and_says_what_it_sent()
    {
        await using var broker = new RecordingBroker { Password = "secret" };
        await broker.StartAsync();
        var assembly = typeof(MqttPublisher).Assembly.Location;
        var start = new ProcessStartInfo("dotnet",
            [assembly, "run", "--port", $"{broker.Port}", "--user", "demo", "--wearers", "ada,ben",
                "--days", "5", "--until", "2026-03-07T10:00:00Z", "--seed", "3", "--no-live", "--json"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { [BrokerAddress.PasswordVariable] = "secret" },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, process.ExitCode);
        using var summary = System.Text.Json.JsonDocument.Parse(output);
        Assert.Equal(broker.Taken.Count, summary.RootElement.GetProperty("messages").GetInt32());
        foreach (var wearer in (string[])["ada", "ben"])
        {
            var received = broker.Taken.Where(message => message.Client == $"demo:{wearer}").ToList();
            Assert.NotEmpty(received);
            Assert.Equal(received.Select(message => message.Received).Order(StringComparer.Ordinal),
                received.Select(message => message.Received));
            Assert.All(received, message => Assert.StartsWith(
                $"spasmstream/v1/in/{wearer}/", message.Topic, StringComparison.Ordinal));
        }
    }

    static async Task<List<PublishReceipt>> PublishAsync(
        RecordingBroker broker, int count, TimeSpan? patience = null)
    {
        List<PublishReceipt> settled = [];
        await using var publisher = new MqttPublisher(Address(broker, patience), "ada", TimeProvider.System);
        await publisher.PublishAsync(Messages(count), settled.Add, TestContext.Current.CancellationToken);
        return settled;
    }

    static BrokerAddress Address(RecordingBroker broker, TimeSpan? patience = null) =>
        new("127.0.0.1", broker.Port, "ada", "wrong", patience ?? TimeSpan.FromSeconds(20));

    static IEnumerable<WireMessage> Messages(int count) =>
        Enumerable.Range(0, count).Select(i => new WireMessage(
        $"spasmstream/v1/in/ada/watch/{i}", Start + Duration.FromSeconds(i),
        Encoding.UTF8.GetBytes($"{{\"v\":{i}}}")));

    static List<string> Texts(RecordingBroker broker) =>
        [.. broker.Taken.Select(message => Encoding.UTF8.GetString(message.Payload))];
}
