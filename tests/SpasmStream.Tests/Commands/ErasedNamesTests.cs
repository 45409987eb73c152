using System.Text.Json;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

[Collection(nameof(SettingsTests))]
public sealed class ErasedNamesTests : IDisposable
{
    static readonly WearerId _anna = new("anna");

    readonly TempFolder _folder = new();

    [Fact]
    public async Task S27_Who_was_erased_is_added_only_when_it_is_said_and_no_worker_runs()
    {
        var file = new StoreFile(_folder.At("data"));
        using (var writer = new StoreWriter(file, new StoreOptions(), TimeProvider.System))
            await writer.RunAsync(session =>
            {
                session.Erased.Add(_anna, Some.Start);
                return true;
            }, TestContext.Current.CancellationToken);

        var refused = Add("anna");
        Assert.Equal(78, refused.Code);
        Assert.Contains("--again", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, Add("bob").Code);
        using (InstanceLock.Take(_folder.At("data")))
            Assert.Equal(78, Add("anna", "--again").Code);
        Assert.True(ErasedWearers.Holds(file, _anna));
        Assert.DoesNotContain("anna", Listed(), StringComparison.Ordinal);

        Assert.Equal(0, Add("anna", "--again").Code);

        Assert.False(ErasedWearers.Holds(file, _anna));
        Assert.Contains("anna", Listed(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    string Listed() => File.ReadAllText(new WearerFile(_folder.At("data")).Path);

    CliAnswer Add(params string[] arguments) => Cli.Run(["wearers", "add", .. arguments, "--config",
        _folder.Write("settings.json",
            JsonSerializer.Serialize(new { Store = new { Directory = _folder.At("data") } }))]);
}
