using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// The subscriptions of one connection, one filter at a time: some brokers answer several out of order.
/// </summary>
sealed class Subscriptions(IMqttClient client, IReadOnlyList<string> wanted)
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    readonly SortedDictionary<int, MqttClientSubscribeResultCode> _denied = [];
    bool _asked;

    public bool AllDenied => _denied.Count == wanted.Count;

    /// <summary>Which filters the broker denies, by their place: a filter may name a wearer.</summary>
    public string Refusal => _denied.Count == 0 ? "" : "subscription "
        + string.Join(", ", _denied.Select(it => $"{it.Value} (Mqtt:Filters:{it.Key})"));

    /// <summary>Asks for every filter, and later again for those that were denied.</summary>
    public async Task SubscribeAsync(CancellationToken cancellationToken)
    {
        var places = _asked ? _denied.Keys.ToList() : [.. Enumerable.Range(0, wanted.Count)];
        foreach (var place in places)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            var answer = await client.SubscribeAsync(Ask(wanted[place]), limit.Token);
            _denied.Remove(place);
            foreach (var item in answer.Items)
                if ((int)item.ResultCode >= 0x80)
                    _denied[place] = item.ResultCode;
        }

        _asked = true;
    }

    /// <summary>
    /// Takes back what a resumed session still has and nobody wants; the result is what it has now.
    /// </summary>
    public async Task<List<string>> UnsubscribeAsync(
        IReadOnlyList<string> before, CancellationToken cancellationToken)
    {
        var left = wanted.Where((_, place) => !_denied.ContainsKey(place)).ToList();
        foreach (var gone in before.Except(wanted))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit);
            var answer = await client.UnsubscribeAsync(
                new MqttClientUnsubscribeOptions { TopicFilters = [gone] }, limit.Token);
            if (answer.Items.Any(item => (int)item.ResultCode >= 0x80))
                left.Add(gone);
        }

        return left;
    }

    static MqttClientSubscribeOptions Ask(string filter) => new()
    {
        TopicFilters =
        [
            new MqttTopicFilter
            {
                Topic = filter,
                QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
                RetainHandling = MqttRetainHandling.SendAtSubscribeIfNewSubscriptionOnly,
                RetainAsPublished = false,
            },
        ],
    };
}
