using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>What is to become of a message, whichever way it came in.</summary>
public sealed class ArrivalTests
{
    static readonly Delivery _kept = new()
    {
        Topic = "spasmstream/v1/in/ada/strap/status",
        Payload = "online"u8.ToArray(),
        Received = Instant.FromUtc(2026, 6, 10, 8, 0),
        Retained = true,
    };

    static readonly Decoded _dated = new() { Wearer = new WearerId("ada"), Device = "strap" };

    static readonly Decoded _undated = _dated with { HasOwnInstant = false };

    [Fact]
    public void What_the_broker_had_kept_is_left_unread_when_it_does_not_say_how_old_it_is()
    {
        Assert.True(Of(_kept, _undated).Ignored);
        Assert.True(Of(_kept with { Payload = default }, _dated).Ignored);
        Assert.False(Of(_kept, _dated).Ignored);
        Assert.False(Of(_kept with { Retained = false }, _undated).Ignored);
    }

    [Fact]
    public void A_wearer_who_is_not_listed_is_refused_where_strangers_are()
    {
        var refused = Of(_kept, _dated, admitsStrangers: false).Decoded;

        Assert.Equal("unauthorised", Assert.Single(refused.Rejections).Reason);
        Assert.Null(refused.Wearer);
        Assert.Empty(Of(_kept, _dated).Decoded.Rejections);
    }

    [Fact]
    public void More_properties_than_anybody_needs_are_refused() =>
        Assert.Equal("properties", Assert.Single(
            Of(_kept with { Refused = Reasons.Properties }, _dated).Decoded.Rejections).Reason);

    static Arrival Of(Delivery delivery, Decoded decoded, bool admitsStrangers = true) =>
        Arrival.Of(delivery, decoded, new WearerDirectory([], admitsStrangers));
}
