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
    public static async Task<ErasedPart> ClearAsync(Settings settings, string? broker, WearerId wearer,
        IReadOnlyList<string> devices, CancellationToken cancellationToken)
    {
        if (broker is null && settings.UsesEmbeddedBroker)
            return new ErasedPart(Place, "erased", 0, "our own broker kept them in memory only");
        var (host, port) = broker is null ? (settings.Mqtt.Host!, settings.Mqtt.Port) : Parse(broker)!.Value;
        using var connection = new OutConnection(new OutTarget(host, port, settings.Mqtt.ClientId + "-erase",
            settings.Mqtt.User, settings.Mqtt.Password, settings.Mqtt.TlsInUse()) { TellsStatus = false });
        try
        {
            if (!await connection.OpenAsync(cancellationToken))
                return Failed($"{host} refused our user; see Mqtt:User and Mqtt:Password");
            var (cleared, refused) = (new List<string>(), new List<string>());
            foreach (var what in devices.Select(device => $"{device}/status").Prepend("risk"))
            {
                var way = what == "risk" ? "out" : "in";
                (await connection.PublishAsync($"spasmstream/v1/{way}/{wearer}/{what}", [], retain: true,
                    cancellationToken) ? cleared : refused).Add(what);
            }

            await connection.CloseAsync();
            var told = cleared.Count == 0 ? "nothing cleared" : "cleared " + string.Join(", ", cleared);
            return refused.Count == 0 ? new ErasedPart(Place, "erased", cleared.Count, told)
                : Failed($"{told}; {host} refused {string.Join(", ", refused)}: give our user the right to "
                    + $"publish to spasmstream/v1/out/{wearer}/# and spasmstream/v1/in/{wearer}/#, then "
                    + "erase again with --broker", cleared.Count);
        }
        catch (BrokerRefusedException fault)
        {
            return Failed(fault.Message);
        }
        catch (Exception fault) when (fault is MqttCommunicationException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            return Failed($"{host} was not reached; start it, then erase again with --broker");
        }
    }

    static ErasedPart Failed(string note, int cleared = 0) => new(Place, "failed", cleared, note);
}
