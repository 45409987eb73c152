using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Hosting;

public sealed class WatchdogTests
{
    [Fact]
    public void D17_Systemd_hears_of_us_while_every_loop_goes_round_and_no_longer()
    {
        var time = new FakeTimeProvider();
        var heartbeats = new Heartbeats(time);
        var systemd = new Recording();
        var watchdog = new Watchdog(new Health(heartbeats), systemd);
        heartbeats.Beat("one");

        watchdog.Feed();
        time.Advance(TimeSpan.FromSeconds(31));
        watchdog.Feed();

        Assert.Equal("WATCHDOG=1", Assert.Single(systemd.States));
    }

    [Fact]
    public void D17_Where_there_is_no_systemd_nobody_is_told()
    {
        var health = new Health(new Heartbeats(new FakeTimeProvider()));
        new Watchdog(health).Feed();
        var deaf = new Recording { IsEnabled = false };
        new Watchdog(health, deaf).Feed();

        Assert.Empty(deaf.States);
    }

    sealed class Recording : ISystemdNotifier
    {
        public List<string> States { get; } = [];

        public bool IsEnabled { get; init; } = true;

        public void Notify(ServiceState state) => States.Add(state.ToString());
    }
}
