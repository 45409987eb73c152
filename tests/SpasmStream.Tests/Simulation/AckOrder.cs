using SpasmStream.Worker.Intake;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// The promise itself: only what came on this connection, in the order in which it came, once it is synced.
/// </summary>
sealed class AckOrder(World world, int connection)
{
    readonly Queue<Outgoing> _delivered = [];

    public void Expect(Outgoing outgoing) => _delivered.Enqueue(outgoing);

    public void Judge(Receipt receipt)
    {
        if (!_delivered.TryPeek(out var next) || next.PacketId != receipt.PacketId)
        {
            world.Break($"D3: connection {connection}: packet {receipt.PacketId} is acknowledged, but "
                + $"the next in order is {next.PacketId}");
            return;
        }

        var message = _delivered.Dequeue().Message;
        world.Scheduler.Note(SimEvent.Acknowledge, message.Number, receipt.PacketId);
        world.Must(world.Kept.Messages.ContainsKey(message.Number),
            $"promise 1: message {message.Number} is acknowledged on connection {connection} and not synced");
    }
}
