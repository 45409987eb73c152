using System.Net.Sockets;
using MQTTnet.Exceptions;

namespace SpasmStream.Simulators.Publishing;

/// <summary>
/// Publishes messages in order over one connection, several in flight, and again over the next connection
/// what was not acknowledged: the same bytes with the same properties (M6).
/// </summary>
sealed class MqttPublisher(BrokerAddress address, string suffix, TimeProvider time) : IAsyncDisposable
{
    const int Window = 16;
    static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(4);

    readonly Queue<InFlight> _inFlight = new(Window);
    BrokerConnection? _connection;
    TimeSpan _delay = FirstDelay;
    long _lastProgress;

    /// <summary>
    /// Returns when every message was acknowledged; <paramref name="settled"/> hears of each, in order.
    /// </summary>
    public async Task PublishAsync(
        IEnumerable<WireMessage> messages, Action<PublishReceipt> settled,
        CancellationToken cancellationToken)
    {
        _lastProgress = time.GetTimestamp();
        using var rest = messages.GetEnumerator();
        while (true)
        {
            while (_inFlight.Count < Window && rest.MoveNext())
                _inFlight.Enqueue(new(rest.Current));
            if (!_inFlight.TryPeek(out var oldest))
                return;
            if (await TryAnswerAsync(oldest, cancellationToken) is not { } receipt)
                continue;
            _inFlight.Dequeue();
            _lastProgress = time.GetTimestamp();
            _delay = FirstDelay;
            settled(receipt);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is null)
            return;
        try
        {
            await _connection.CloseAsync(CancellationToken.None);
        }
        catch (Exception cause) when (IsOutside(cause))
        {
            // Whatever there was to acknowledge is acknowledged: an unpolite end loses nothing.
        }
        _connection.Dispose();
        _connection = null;
    }

    /// <summary>
    /// Sends what is not on its way and waits for the oldest; null when the connection was lost.
    /// </summary>
    async Task<PublishReceipt?> TryAnswerAsync(InFlight oldest, CancellationToken cancellationToken)
    {
        try
        {
            _connection ??= await BrokerConnection.OpenAsync(address, suffix, cancellationToken);
            foreach (var message in _inFlight)
                message.Answer ??= _connection.PublishAsync(message.Message, cancellationToken);
            return await oldest.Answer!;
        }
        catch (Exception cause) when (IsOutside(cause))
        {
            // Told to stop, a connection may end in any way it likes.
            cancellationToken.ThrowIfCancellationRequested();
            await DropAsync();
            await BackOffAsync(cause, cancellationToken);
            return null;
        }
    }

    /// <summary>Ends the connection; what it did not acknowledge is to be sent again.</summary>
    async Task DropAsync()
    {
        _connection?.Dispose();
        _connection = null;
        foreach (var message in _inFlight)
        {
            if (message.Answer is not { } answer)
                continue;
            await Task.WhenAny(answer);
            if (!answer.IsCompletedSuccessfully)
                message.Answer = null;
        }
    }

    /// <summary>
    /// Waits longer each time nothing was acknowledged in between, and in the end gives up.
    /// </summary>
    async Task BackOffAsync(Exception cause, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_lastProgress) + _delay > address.Patience)
            throw new BrokerUnavailableException(
                $"The broker at {address} acknowledged nothing for {address.Patience.TotalSeconds:0} s: "
                + (cause.InnerException ?? cause).Message.TrimEnd('.') + ".", cause);
        await Task.Delay(_delay, time, cancellationToken);
        _delay = TimeSpan.FromTicks(Math.Min(_delay.Ticks * 2, LongestDelay.Ticks));
    }

    static bool IsOutside(Exception cause) =>
        cause is MqttCommunicationException or MqttProtocolViolationException or IOException
            or SocketException or OperationCanceledException or ObjectDisposedException;

    sealed class InFlight(WireMessage message)
    {
        public WireMessage Message => message;

        /// <summary>Null while the message waits for a connection.</summary>
        public Task<PublishReceipt>? Answer { get; set; }
    }
}
