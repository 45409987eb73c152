using System.ComponentModel.DataAnnotations;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>How the present risk and its changes go out.</summary>
sealed class NotifyOptions
{
    /// <summary>Whether to publish over MQTT. The default is true.</summary>
    public bool Mqtt { get; set; } = true;

    /// <summary>Web addresses that are told of alerts. The default is none.</summary>
    public List<WebhookOptions> Webhooks { get; } = [];

    /// <summary>Seconds between two looks at the outbox. The default is 1.</summary>
    [Range(1, 60)]
    public int PollSeconds { get; set; } = 1;

    /// <summary>The channels that announcements are put into the outbox for.</summary>
    public IReadOnlyList<OutChannel> ToChannels() =>
    [
        .. Mqtt ? (OutChannel[])[OutChannel.Mqtt] : [],
        .. Webhooks.Select(webhook => new OutChannel(webhook.Name)
        {
            AlertsOnly = !webhook.AllChanges,
            Wearers = webhook.Wearers.Count == 0
                ? null : webhook.Wearers.Select(wearer => new WearerId(wearer)).ToHashSet(),
        }),
    ];

    /// <summary>What is wrong with the channels, each in one line that begins with its key.</summary>
    public IEnumerable<string> Faults()
    {
        for (var i = 0; i < Webhooks.Count; i++)
        {
            var webhook = Webhooks[i];
            foreach (var fault in webhook.Faults())
                yield return $"Notify:Webhooks:{i}:{fault}";
            if (webhook.Name == OutChannel.Mqtt.Name)
                yield return $"Notify:Webhooks:{i}:Name: mqtt is the broker's channel.";
            else if (Webhooks.FindIndex(other => other.Name == webhook.Name) < i)
                yield return $"Notify:Webhooks:{i}:Name: this name is there twice; each needs its own.";
            if (!webhook.Wearers.TrueForAll(wearer => WearerId.IsValid(wearer)))
                yield return $"Notify:Webhooks:{i}:Wearers: ids of wearers belong here.";
        }
    }
}
