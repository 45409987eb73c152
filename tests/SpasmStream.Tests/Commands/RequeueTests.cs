using System.Text.Json;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

[Collection(nameof(SettingsTests))]
public sealed class RequeueTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Fact]
    public async Task D8_What_the_store_refuses_again_stays_is_told_and_is_not_counted_as_good()
    {
        await FillAsync("unsupported", "ada");
        await WriteAsync(session =>
        {
            session.Erased.Add(new Core.Signals.WearerId("ada"), Some.Start);
            return true;
        });

        var said = Run("requeue", "--reason", "unsupported", "--json");

        Assert.Equal((0, 0, 1), (Number(said, "good"), Number(said, "rows"), Number(said, "stay")));
        Assert.Equal("unauthorised", said.Json.GetProperty("staying")[0].GetProperty("reason").GetString());
        Assert.Equal("1|0", Row("SELECT count(*), (SELECT count(*) FROM sample) FROM dead_letter"));
    }

    [Fact]
    public async Task D8_Who_was_added_since_is_no_stranger_when_their_messages_are_read_again()
    {
        await FillAsync("unauthorised", null);
        new WearerFile(_folder.At("data")).Change(all => all.Add(new WearerOptions { Id = "eve" }));

        Assert.Equal(1, Number(Run("requeue", "--reason", "unauthorised", "--json"), "good"));
        Assert.Equal("0", Row("SELECT count(*) FROM dead_letter"));
    }

    [Theory]
    [InlineData(53, 0, 1)]
    [InlineData(-53, 0, 1)]
    [InlineData(0, -36, 0)]
    [InlineData(53, -36, 0)]
    public async Task F46_What_came_while_the_clocks_disagreed_is_read_again_by_the_one_that_was_right(
        int receiptAhead, int sampleAhead, int good)
    {
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        var at = (now + Duration.FromDays(sampleAhead)).ToUnixTimeMilliseconds();
        var ada = new Core.Signals.WearerId("ada");
        await WriteAsync(session => session.Names.Wearer(ada, now));
        await WriteAsync(session => Appending.Run(session, [new(
            Some.Message($$"""{"v":1,"t":{{at}},"bpm":61}""", now + Duration.FromDays(receiptAhead)),
            new Decoded
            {
                Wearer = ada, Rejections = [new Rejection("too_old", "As it was then.")],
            })]));

        Assert.Equal(good, Number(Run("requeue", "--reason", "too_old", "--json"), "good"));
    }

    public void Dispose() => _folder.Dispose();

    // Refused as an earlier program may have refused what this one can read.
    Task FillAsync(string reason, string? wearer) => WriteAsync(session => Appending.Run(session, [new(
        Some.Message("""{"v":1,"t":1772919660000,"bpm":61}""", Instant.FromUtc(2026, 3, 8, 1, 0),
            $"spasmstream/v1/in/{wearer ?? "eve"}/watch/heart-rate"),
        (wearer is null ? new Decoded() : new Decoded { Wearer = new Core.Signals.WearerId(wearer) })
            with { Rejections = [new Rejection(reason, "As it was then.")] })]));

    async Task WriteAsync<T>(Func<WriteSession, T> job)
    {
        using var writer = new StoreWriter(
            new StoreFile(_folder.At("data")), new StoreOptions(), TimeProvider.System);
        await writer.RunAsync(job, CancellationToken.None);
    }

    CliAnswer Run(params string[] arguments) => Cli.Run(["dead-letters", .. arguments, "--config",
        _folder.Write("settings.json",
            JsonSerializer.Serialize(new { Store = new { Directory = _folder.At("data") } }))]);

    static int Number(CliAnswer said, string key) => said.Json.GetProperty(key).GetInt32();

    string Row(string sql)
    {
        using var reader = new StoreFile(_folder.At("data")).OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        Assert.True(row.Read());
        return string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.GetValue(i)));
    }
}
