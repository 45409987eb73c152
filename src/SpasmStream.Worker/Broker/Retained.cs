using System.Text;
using MQTTnet;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Broker;

/// <summary>A message that everybody who subscribes later gets too.</summary>
readonly record struct KeptMessage(string Topic, byte[] Payload);

/// <summary>
/// What is retained, as it follows from the store: the store is what survives, so nothing of it is written
/// a second time, and an erased wearer is in none.
/// </summary>
delegate IReadOnlyList<KeptMessage> KeptMessages();

/// <summary>What the library retains for us, which is only our own and has its limits.</summary>
sealed class Retained
{
    /// <summary>The most topics.</summary>
    public const int TopicsMax = 1_000;

    /// <summary>The most bytes, topics and payloads together.</summary>
    public const int BytesMax = 1024 * 1024;

    const string Out = "spasmstream/v1/out/";

    readonly Lock _gate = new();
    readonly Dictionary<string, int> _sizes = new(StringComparer.Ordinal);
    int _bytes;

    /// <summary>What a start begins with, as far as the limits go.</summary>
    public List<MqttApplicationMessage> Load(IReadOnlyList<KeptMessage> kept) =>
    [
        .. kept.Where(it => it.Payload.Length > 0 && MayKeep(it.Topic, it.Payload.Length))
            .Select(it => new MqttApplicationMessageBuilder().WithTopic(it.Topic).WithPayload(it.Payload)
                .WithContentType("application/json").WithRetainFlag()
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build()),
    ];

    /// <summary>
    /// Whether a message may be retained in place of the topic's last one; an empty one makes room.
    /// </summary>
    public bool MayKeep(string topic, long length)
    {
        if (!topic.StartsWith(Out, StringComparison.Ordinal))
            return false;
        lock (_gate)
        {
            var before = _sizes.GetValueOrDefault(topic);
            if (length == 0)
            {
                _sizes.Remove(topic);
                _bytes -= before;
                return true;
            }

            var size = length + Encoding.UTF8.GetByteCount(topic);
            if ((before == 0 && _sizes.Count >= TopicsMax) || _bytes - before + size > BytesMax)
                return false;
            _sizes[topic] = (int)size;
            _bytes += (int)size - before;
            return true;
        }
    }
}
