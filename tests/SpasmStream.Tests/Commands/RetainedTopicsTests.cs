using SpasmStream.Core.Signals;
using SpasmStream.Worker.Commands;

namespace SpasmStream.Tests.Commands;

public sealed class RetainedTopicsTests
{
    [Fact]
    public async Task S27_A_broker_that_cannot_be_spoken_to_is_told_after_the_rows_are_gone()
    {
        using var store = await FullStore.MakeAsync();
        var settings = FullStore.SettingsOf(store);
        (settings.Mqtt.Host, settings.Mqtt.Tls) = ("broker.example", true);
        settings.Mqtt.CaFile = Path.Combine(store.Options.Directory, "not-there.pem");

        var report = await new WearerErasure(settings, TimeProvider.System, broker: null)
            .RunAsync(new WearerId(FullStore.Anna), TestContext.Current.CancellationToken);

        Assert.False(report.IsClean);
        Assert.Contains("not-there.pem", report.Parts.Single(part => part.State == "failed").Note,
            StringComparison.Ordinal);
        Assert.Equal([FullStore.Ben], store.Rows("SELECT name FROM wearer"));
    }
}
