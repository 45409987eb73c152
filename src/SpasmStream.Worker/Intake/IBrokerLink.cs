using MQTTnet;

namespace SpasmStream.Worker.Intake;

/// <summary>
/// One connection to a broker as the protocol has it, from CONNECT to its end; never used again afterwards.
/// Every call ends within about ten seconds, by throwing if need be, whatever the broker does; what is thrown
/// then is an <see cref="IOException"/> or the library's own, or <see cref="BrokerRefusedException"/> when
/// asking again soon changes nothing.
/// </summary>
interface IBrokerLink : IDisposable
{
    /// <summary>Whether it stands: connected, and its end not yet noticed.</summary>
    bool IsConnected { get; }

    /// <summary>Whether somebody answered at the broker's address.</summary>
    bool Reached { get; }

    /// <summary>Since when nothing has come over the line; none while we do not listen.</summary>
    TimeSpan Silence { get; }

    /// <summary>What may be the matter when the connection just ended, else empty.</summary>
    string Hint { get; }

    /// <summary>Connects with our session; from here on messages may come.</summary>
    /// <param name="reached">Awaited once the line stands, before CONNECT goes out.</param>
    /// <param name="cancellationToken">Ends it.</param>
    Task<BrokerWelcome> ConnectAsync(Func<Task> reached, CancellationToken cancellationToken);

    /// <summary>Asks for one filter at QoS 1, and for retained messages only where it is new.</summary>
    Task<MqttClientSubscribeResultCode> SubscribeAsync(string filter, CancellationToken cancellationToken);

    /// <summary>Takes one filter back.</summary>
    Task<MqttClientUnsubscribeResultCode> UnsubscribeAsync(
        string filter, CancellationToken cancellationToken);

    /// <summary>
    /// Acknowledges messages of this connection in the order given, in one write; never on another
    /// connection. Called by one at a time.
    /// </summary>
    Task AcknowledgeAsync(ReadOnlyMemory<Receipt> run, CancellationToken cancellationToken);

    /// <summary>
    /// Says goodbye without touching the session, within a second; throws nothing.
    /// </summary>
    Task CloseAsync();
}

/// <summary>Makes a connection, not yet connected.</summary>
/// <param name="keepAliveSeconds">Our keep-alive.</param>
/// <param name="take">Told of every message.</param>
delegate IBrokerLink OpenLink(int keepAliveSeconds, TakeMessages take);

/// <summary>
/// Messages in order of arrival; the link keeps none of them. It never waits, throws or calls the link.
/// </summary>
delegate void TakeMessages(ReadOnlySpan<Delivery> messages);

/// <summary>What the broker answered to CONNECT.</summary>
/// <param name="Result">Whether we are welcome.</param>
/// <param name="SessionPresent">Whether it had kept our session.</param>
/// <param name="SessionSeconds">The life of the session without us; 0 means as we asked.</param>
/// <param name="KeepAliveSeconds">The keep-alive that it wants; 0 means as we asked.</param>
readonly record struct BrokerWelcome(MqttClientConnectResultCode Result, bool SessionPresent = false,
    uint SessionSeconds = 0, int KeepAliveSeconds = 0);

/// <summary>What an acknowledgement names: a packet, and how it was sent (QoS 1 or 2).</summary>
readonly record struct Receipt(ushort PacketId, int Qos);
