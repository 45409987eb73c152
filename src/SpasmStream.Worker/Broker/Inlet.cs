using System.Collections;
using Microsoft.Extensions.Options;
using MQTTnet;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Broker;

/// <summary>Hands a device's message to the corridor and waits for its commit.</summary>
sealed class Inlet(DeliveryQueue queue, Reception reception, IOptions<BrokerOptions> options)
{
    static readonly object _packetId = new();

    volatile bool _isClosed;

    /// <summary>From now on nothing is taken: we are stopping.</summary>
    public void Close() => _isClosed = true;

    /// <summary>
    /// Notes the identifier of a packet for the message that the library makes of it next: the message does
    /// not tell.
    /// </summary>
    public static void Announce(ushort packetId, IDictionary session) => session[_packetId] = packetId;

    /// <summary>What became of it; null when nobody can say, so that it must be sent again.</summary>
    /// <param name="message">The message.</param>
    /// <param name="session">What the library keeps with the sender's session.</param>
    /// <param name="tell">Called once with what became of it, of a message of QoS 0 too.</param>
    public async Task<DeliveryOutcome?> TakeAsync(
        MqttApplicationMessage message, IDictionary session, Action<DeliveryOutcome> tell)
    {
        var packetId = session[_packetId] as ushort? ?? 0;
        var done = new TaskCompletionSource<DeliveryOutcome>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        // Retain is what a subscriber is told; here the message has just been sent.
        message.Retain = false;
        var accepted = !_isClosed && queue.TryAdd(reception.Receive(message, packetId, (_, outcomes) =>
        {
            tell(outcomes[0]);
            done.SetResult(outcomes[0]);
        }));
        if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtMostOnce)
            return DeliveryOutcome.Kept;
        return accepted ? await WaitAsync(done.Task) : null;
    }

    async Task<DeliveryOutcome?> WaitAsync(Task<DeliveryOutcome> done)
    {
        try
        {
            return await done.WaitAsync(TimeSpan.FromSeconds(options.Value.CommitSeconds));
        }
        catch (TimeoutException)
        {
            return null;
        }
    }
}
