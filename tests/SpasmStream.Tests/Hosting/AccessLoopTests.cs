using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Commands;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

public sealed class AccessLoopTests
{
    [Fact(Timeout = 60_000)]
    public async Task S27_An_erased_wearer_who_is_listed_has_no_row_and_the_others_have()
    {
        var stop = TestContext.Current.CancellationToken;
        using var store = new TempStore();
        await store.RunAsync(session =>
        {
            session.Erased.Add(new WearerId("anna"), Some.Start);
            return true;
        });
        var (settings, time) = (FullStore.SettingsOf(store), new FakeTimeProvider());
        await using var rooms = new ServiceCollection().BuildServiceProvider();
        using var loop = new AccessLoop(settings, new WearerDirectory([], admitsStrangers: false), rooms,
            store.Writer, new ArrivalClock(time), new AccessState(), new Heartbeats(time), time,
            NullLogger<AccessLoop>.Instance);
        await loop.StartAsync(stop);
        new WearerFile(store.Options.Directory).Change(
            all => all.AddRange([new WearerOptions { Id = "anna" }, new WearerOptions { Id = "bob" }]));

        while (store.Rows("SELECT name FROM wearer") is [])
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1, stop);
        }

        await loop.StopAsync(stop);
        Assert.Equal("bob", store.Row("SELECT name FROM wearer"));
    }
}
