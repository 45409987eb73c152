using MQTTnet.Exceptions;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Worker.Commands;

/// <summary>What a broker keeps of a wearer because we asked it to, and how it is made to forget.</summary>
static class RetainedTopics
{
    const string Place = "retained topics";

    /// <summary>Host and port out of <c>HOST</c> or <c>HOST:PORT</c>; null for anything else.</summary>
    public static (string Host, int Port)? Parse(string text) => text.Split(':') switch
    {
        [{ Length: > 0 } host] => (host, 1883),
        [{ Length: > 0 } host, var port] when ushort.TryParse(port, out var number) && number > 0 =>
            (host, number),
        _ => null,
    };

    /// <summary>An empty retained message is what makes a broker forget the last one.</summary>
    public static async Task<ErasedPart> ClearAsync(
        Settings settings, string? broker, WearerId wearer, CancellationToken cancellationToken)
    {
        if (broker is null && settings.UsesEmbeddedBroker)
            return new ErasedPart(Place, "erased", 0, "our own broker kept them in memory only");
        var (host, port) = broker is null ? (settings.Mqtt.Host!, settings.Mqtt.Port) : Parse(broker)!.Value;
        using var connection = new OutConnection(new OutTarget(host, port, settings.Mqtt.ClientId + "-erase",
            settings.Mqtt.User, settings.Mqtt.Password, settings.Mqtt.TlsInUse()) { TellsStatus = false });
        try
        {
            var cleared = await connection.OpenAsync(cancellationToken) && await connection.PublishAsync(
                $"spasmstream/v1/out/{wearer}/risk", [], retain: true, cancellationToken);
            await connection.CloseAsync();
            return cleared ? new ErasedPart(Place, "erased", 1, null)
                : Failed($"{host} refused; give our user the right to spasmstream/v1/out/#");
        }
        catch (Exception fault) when (fault is MqttCommunicationException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return Failed($"{host} was not reached; start it, then erase again with --broker");
        }
    }

    static ErasedPart Failed(string note) => new(Place, "failed", 0, note);
}
