using MQTTnet;
using MQTTnet.Formatter;

namespace SpasmStream.Simulators.Publishing;

/// <summary>Where the broker is, and as whom to speak to it.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="User">The account; null for a broker that asks for none.</param>
/// <param name="Password">Its password; never taken from the command line.</param>
/// <param name="Patience">How long a broker that does not answer is tried before we give up.</param>
sealed record BrokerAddress(string Host, int Port, string? User, string? Password, TimeSpan Patience)
{
    public const string PasswordVariable = "SPASMSIM_PASSWORD";

    /// <summary>The embedded broker ties client ids to accounts: <c>account:suffix</c>.</summary>
    public MqttClientOptions Options(string suffix, TimeSpan keepAlive)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithTcpServer(Host, Port)
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId($"{User ?? "spasmsim"}:{suffix}")
            .WithCleanStart(true)
            .WithSessionExpiryInterval(0)
            .WithKeepAlivePeriod(keepAlive)
            .WithTimeout(TimeSpan.FromSeconds(10));
        return (User is null ? builder : builder.WithCredentials(User, Password)).Build();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Host}:{Port}";
}
