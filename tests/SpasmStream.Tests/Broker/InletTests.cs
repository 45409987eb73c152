using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Protocol;
using SpasmStream.Worker;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

/// <summary>How long a sender waits for a commit that does not come.</summary>
public sealed class InletTests
{
    readonly FakeTimeProvider _time = new();
    readonly Inlet _inlet;

    public InletTests()
    {
        var intake = Options.Create(new IntakeOptions());
        _inlet = new Inlet(new DeliveryQueue(intake, new ArrivalClock(_time)), new Reception(intake),
            Options.Create(new BrokerOptions()), _time);
    }

    [Theory]
    [InlineData(0, 5.0)]
    [InlineData(60, 5.0)]
    [InlineData(4, 5.0)]
    [InlineData(2, 2.5)]
    [InlineData(1, 1.25)]
    public async Task M13_The_wait_ends_after_five_seconds_and_before_the_keep_alive_does(
        int keepAlive, double seconds)
    {
        var taking = TakeAsync(TimeSpan.FromSeconds(keepAlive), CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(seconds - 0.01));
        Assert.False(taking.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(0.02));

        Assert.Null(await taking);
        Assert.True(keepAlive == 0 || seconds < 1.5 * keepAlive);
    }

    [Fact]
    public async Task M13_Nobody_waits_for_the_answer_to_a_sender_who_is_gone()
    {
        using var gone = new CancellationTokenSource();
        var taking = TakeAsync(TimeSpan.Zero, gone.Token);
        Assert.False(taking.IsCompleted);

        await gone.CancelAsync();

        Assert.Null(await taking);
    }

    Task<DeliveryOutcome?> TakeAsync(TimeSpan keepAlive, CancellationToken gone) => _inlet.TakeAsync(
        new MqttApplicationMessageBuilder().WithTopic("spasmstream/v1/in/ada/watch/heart-rate")
            .WithPayload("{}").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(),
        new ConcurrentDictionary<object, object>(), _ => { }, keepAlive, gone);
}
