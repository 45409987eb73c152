using MQTTnet;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// The subscriptions of one connection, one filter at a time: some brokers answer several out of order.
/// </summary>
sealed class Subscriptions(IBrokerLink link, IReadOnlyList<string> wanted)
{
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
            var answer = await link.SubscribeAsync(wanted[place], cancellationToken);
            _denied.Remove(place);
            if ((int)answer >= 0x80)
                _denied[place] = answer;
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
            if ((int)await link.UnsubscribeAsync(gone, cancellationToken) >= 0x80)
                left.Add(gone);

        return left;
    }
}
