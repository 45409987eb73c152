using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Wearers;
using SpasmStream.Tests.Assess;
using SpasmStream.Tests.Commands;
using SpasmStream.Tests.Hosting;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Tests.Store;

/// <summary>The columns with the bytes as sent, under a key.</summary>
public sealed class PayloadCipherTests : IDisposable
{
    const string Canary = "tansy-canary";

    static readonly WearerId _ada = new("ada");

    readonly TempFolder _keys = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S29_What_was_sent_is_in_no_file_and_is_read_back_byte_for_byte(bool hasKey)
    {
        using var store = Store(hasKey ? KeyFile("a") : null);

        await FillAsync(store);

        Assert.Equal(hasKey, Found(store).Count == 0);
        AssertReadBack(store);
        store.Close();
        Assert.Equal(hasKey, Found(store).Count == 0);
        AssertReadBack(store);
    }

    [Fact]
    public async Task S29_A_payload_in_the_place_of_another_is_seen_and_so_is_a_changed_bit()
    {
        using var store = Store(KeyFile("a"));
        await FillAsync(store);
        await store.RunAsync(session => session.Execute("""
            UPDATE entry SET payload=(SELECT payload FROM entry AS other WHERE other.id<>entry.id)
            """));

        Assert.Throws<Microsoft.Data.Sqlite.SqliteException>(() => Entries(store));

        var key = PayloadKey.Read(KeyFile("a"));
        var stored = key.Seal("entry", [1], [2, 3]);
        Assert.Equal([2, 3], key.Open("entry", [1], stored));
        Assert.Null(key.Open("dead_payload", [1], stored));
        Assert.Null(key.Open("entry", [2], stored));
        for (var i = 0; i < stored.Length; i++)
        {
            stored[i] ^= 1;
            Assert.Null(key.Open("entry", [1], stored));
            stored[i] ^= 1;
        }

        Assert.NotEqual(stored, key.Seal("entry", [1], [2, 3]));
    }

    [Fact]
    public async Task S29_Forecasts_are_the_same_as_in_a_clear_store_also_over_restarts()
    {
        var history = Journal.History(40, LastDay.ShortNight);
        using var clear = new Journal();
        using var sealedOne = new Journal(key: PayloadKey.Read(KeyFile("a")));
        await clear.KeepAsync(history);
        await sealedOne.KeepAsync(history);
        var stop = TestContext.Current.CancellationToken;

        await clear.Follow().AdvanceAsync(Journal.Now, true, stop);
        foreach (var days in (int[])[30, 20, 3, 0])
            await sealedOne.Follow().AdvanceAsync(Journal.Now - Duration.FromDays(days), true, stop);

        Assert.NotEqual(clear.HashOf("entry"), sealedOne.HashOf("entry"));
        foreach (var table in (string[])["day_summary", "forecast", "risk_window", "preceded", "alert"])
            Assert.True(clear.HashOf(table) == sealedOne.HashOf(table), $"{table} differs.");
    }

    [Fact]
    public async Task S29_An_export_is_the_same_as_that_of_a_clear_store()
    {
        using var clear = await FullStore.MakeAsync();
        using var other = await FullStore.MakeAsync(keyFile: KeyFile("a"));

        Assert.Equal(Messages(clear), Messages(other));
        foreach (var store in (TempStore[])[clear, other])
        {
            var folder = _keys.At(store == clear ? "clear" : "sealed");
            Directory.CreateDirectory(folder);
            await new WearerExport(FullStore.SettingsOf(store), store.File, TimeProvider.System)
                .WriteAsync(new WearerId(FullStore.Anna), folder, ExportFormat.Both);
        }

        foreach (var name in (string[])["entries", "facts", "dead-letters", "messages"])
            Assert.Equal(File.ReadAllText(_keys.At($"clear/{name}.ndjson")),
                File.ReadAllText(_keys.At($"sealed/{name}.ndjson")));
    }

    [Fact]
    public async Task S29_The_page_shows_an_episode_of_an_encrypted_store()
    {
        using var store = Store(KeyFile("a"));
        await store.AppendAsync(Some.Message($$"""
            {"v":1,"id":"m1","type":"migraine","t":{{Some.Ms(0)}},"sev":7,"note":"{{Canary}}"}
            """, topic: "spasmstream/v1/in/ada/diary/episode"));

        using var reader = store.File.OpenReader();
        var shown = Assert.Single(new EpisodeQuery(reader, EntryReading.With(new WireDecoder()))
            .Since(1, _ada, Some.Start - Duration.FromDays(1)));

        Assert.Equal((Some.Start, 7), (shown.View.Start, shown.View.Severity));
        Assert.Empty(Found(store));
    }

    [Fact]
    public async Task F37_A_store_that_is_begun_anew_takes_the_key()
    {
        using var store = Store(KeyFile("a"));
        Assert.Null(new Inspection(store.Options.Directory, TimeProvider.System, store.File).Run());
        await FillAsync(store);
        store.Close();
        File.WriteAllBytes(store.File.Path, new byte[10_000]);

        Assert.NotNull(new Inspection(store.Options.Directory, TimeProvider.System, store.File).Run());

        await FillAsync(store);
        AssertReadBack(store);
        Assert.Empty(Found(store));
    }

    [Fact]
    public async Task F37_What_is_saved_of_a_damaged_store_is_opened_by_its_key()
    {
        using var store = Store(KeyFile("a"));
        await FillAsync(store);
        store.Close();
        using var saved = Store(KeyFile("a"));

        await RecoverCommand.SaveAsync(store.File.Path, saved.Options.Directory);

        AssertReadBack(saved);
    }

    [Fact]
    public async Task S29_A_backup_needs_the_key_it_was_taken_with_and_moves_nothing_aside_without()
    {
        using var store = Store(KeyFile("a"));
        await FillAsync(store);
        Assert.Equal(0, await BackupCommand.RunAsync(_keys.At("copy"), force: false, json: true,
            FullStore.SettingsOf(store), TimeProvider.System));
        Assert.Empty(new LeftOverSearch(Canary).In(_keys.At("copy")));
        using var other = Store(KeyFile("b"));
        await other.AppendAsync(Some.Bpm(0, 61));
        other.Close();
        var before = FullStore.Everything(other);

        var fault = await Assert.ThrowsAsync<SetupException>(() => RestoreAsync(other));

        Assert.Contains("another key", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, FullStore.Everything(other));
        using var empty = Store(KeyFile("a"));
        Assert.Equal(0, await RestoreAsync(empty));
        AssertReadBack(empty);
    }

    [Fact]
    public async Task S27_A_wearer_is_erased_from_an_encrypted_store()
    {
        using var store = await FullStore.MakeAsync(keyFile: KeyFile("a"));

        var report = await new WearerErasure(FullStore.SettingsOf(store), TimeProvider.System, broker: null)
            .RunAsync(new WearerId(FullStore.Anna), TestContext.Current.CancellationToken);

        Assert.True(report.IsClean);
        Assert.Equal("1", store.Row("SELECT count(*) FROM entry"));
    }

    public void Dispose() => _keys.Dispose();

    static Task<int> RestoreAsync(TempStore store, string folder) => RestoreCommand.RunAsync(folder,
        force: true, json: true, FullStore.SettingsOf(store), TimeProvider.System,
        TestContext.Current.CancellationToken);

    Task<int> RestoreAsync(TempStore store) => RestoreAsync(store, _keys.At("copy"));

    static TempStore Store(string? keyFile) => new(new StoreOptions { KeyFile = keyFile });

    string KeyFile(string name)
    {
        if (!File.Exists(_keys.At(name)))
            PayloadKey.Make(_keys.At(name));
        return _keys.At(name);
    }

    static IReadOnlyList<LeftOver> Found(TempStore store) =>
        new LeftOverSearch(Canary).In(store.Options.Directory);

    // Two entries, an object with an id, a message that is refused, and an empty one.
    static async Task FillAsync(TempStore store) => await store.AppendAsync(
        Some.Message(Stress(5), topic: "spasmstream/v1/in/ada/diary/state"),
        Some.Message(Stress(6), topic: "spasmstream/v1/in/ada/diary/state"),
        Some.Message(Fact), Some.Message(Refused), Some.Message(""));

    static string Stress(int stress) =>
        $$"""{"v":1,"t":{{Some.Ms(60)}},"id":"s{{stress}}","stress":{{stress}},"note":"{{Canary}}"}""";

    static string Fact => $$"""{"v":1,"id":"f1","t":{{Some.Ms(90)}},"bpm":61,"x":"{{Canary}}"}""";

    static string Refused => $"not json {Canary}";

    static void AssertReadBack(TempStore store)
    {
        Assert.Equal([Stress(5), Stress(6)], Entries(store).Order());
        using var reader = store.File.OpenReader();
        Assert.Equal([Fact, Stress(5), Stress(6)], ExportedMessages.Of(reader, [_ada])
            .Select(message => Encoding.UTF8.GetString(message.Payload)).Order());
        var refused = DeadLetterRow.Newest(reader, new DeadLetterFilter(), 10);
        Assert.Equal(["", Refused], refused.Select(row => Encoding.UTF8.GetString(row.Payload(reader))));
        Assert.All(refused, row => Assert.Equal((row.Size, false), (row.Kept, row.IsCut)));
    }

    static List<string> Entries(TempStore store)
    {
        using var history = new SqliteHistory(store.File, null);
        return [.. history.Entries(_ada, 0).Select(entry => Encoding.UTF8.GetString(entry.Payload))];
    }

    static byte[] Messages(TempStore store)
    {
        using var stream = new MemoryStream();
        NdjsonFile.Write(stream, ExportedMessages.Of(store.File, WearerRecord.Names(store.File)));
        return stream.ToArray();
    }
}
