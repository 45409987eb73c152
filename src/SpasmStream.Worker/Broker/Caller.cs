using System.Net;

namespace SpasmStream.Worker.Broker;

/// <summary>How far a connection has come.</summary>
enum Standing
{
    /// <summary>It has not said who it is.</summary>
    Silent,

    /// <summary>It said who it is, and that is being looked into.</summary>
    Asking,

    /// <summary>It is a device's.</summary>
    Seated,

    /// <summary>It is the worker's own, which takes no place from anybody.</summary>
    Own,
}

/// <summary>
/// One connection, from its accept to its end. Until it says who it is it has a deadline, after which it is
/// cut off whatever it does.
/// </summary>
sealed class Caller : IDisposable
{
    readonly Action _cut;
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly CancellationTokenSource _deadline;

    /// <param name="address">Where from.</param>
    /// <param name="patience">How long it may take to say who it is.</param>
    /// <param name="cut">Cuts it off; may be called at any time and again.</param>
    /// <param name="time">The clock.</param>
    public Caller(IPAddress address, TimeSpan patience, Action cut, TimeProvider time)
    {
        (Address, _cut) = (Household(address), cut);
        _deadline = new CancellationTokenSource(patience, time);
        _deadline.Token.Register(cut);
    }

    /// <summary>Where from: whoever has one address of IPv6 has all that share its first half.</summary>
    public IPAddress Address { get; }

    /// <summary>How far it has come; under the lock of <see cref="Seats"/>.</summary>
    public Standing Standing { get; set; }

    /// <summary>Ends when it has said nothing for too long.</summary>
    public CancellationToken Deadline => _deadline.Token;

    /// <summary>What it is read by; set before anybody hears of it.</summary>
    public GuardedChannel? Channel { get; set; }

    /// <summary>Completes when nothing of it is left, in the library neither.</summary>
    public Task Ended => _ended.Task;

    /// <summary>It said who it is: no more deadline.</summary>
    public void Heard() => _deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Cut() => _cut();

    public void End() => _ended.TrySetResult();

    public void Dispose() => _deadline.Dispose();

    static IPAddress Household(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6
            || IPAddress.IsLoopback(address))
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
