using System.Buffers.Binary;
using SpasmStream.Tests.Commands;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class SalvageTests
{
    const int PageSize = 4096;

    // Made anew: after that everything is forwarded once more.
    static readonly string[] _ours = ["instance", "forward", "forward_target"];

    [Fact]
    public async Task F37_Of_a_sound_file_every_row_is_saved()
    {
        using var store = await FullStore.MakeAsync(samples: 3_000);

        using var saved = await RecoverAsync(store);

        Assert.Equal(FullStore.Everything(store, _ours), FullStore.Everything(saved.Store, _ours));
        Assert.Equal((0, 0), (saved.Report.Salvage.UnreadablePages, saved.Report.Salvage.UnreadableRows));
    }

    [Fact]
    public async Task F37_With_its_header_gone_every_row_is_saved()
    {
        using var store = await FullStore.MakeAsync(samples: 3_000);
        Damage(store, at: 0, length: 100);

        using var saved = await RecoverAsync(store);

        Assert.Equal(FullStore.Everything(Sound(store), _ours),
            FullStore.Everything(saved.Store, _ours));
    }

    [Fact]
    public async Task F37_With_its_first_page_gone_every_sample_is_saved()
    {
        using var store = await FullStore.MakeAsync(samples: 3_000);
        Damage(store, at: 0, length: PageSize);

        using var saved = await RecoverAsync(store);

        Assert.Equal(Sound(store).Rows("SELECT * FROM sample"), saved.Store.Rows("SELECT * FROM sample"));
        Assert.Equal(Sound(store).Rows("SELECT * FROM forecast"), saved.Store.Rows("SELECT * FROM forecast"));
    }

    [Fact]
    public async Task F37_Each_page_that_is_gone_costs_the_rows_on_it_and_no_other()
    {
        using var store = await FullStore.MakeAsync(samples: 1_000);
        var all = store.Rows("SELECT * FROM sample").ToHashSet();
        var pages = new FileInfo(store.File.Path).Length / PageSize;
        var lostInAll = 0;
        for (var page = 2; page <= pages; page++)
        {
            Restore(store);
            var here = RowsOn(store, page);
            Damage(store, (page - 1) * PageSize, PageSize);

            using var saved = await RecoverAsync(store);

            var kept = saved.Store.Rows("SELECT * FROM sample");
            Assert.Subset(all, kept.ToHashSet());
            Assert.True(all.Count - kept.Count <= here,
                $"Page {page} held {here} samples, and {all.Count - kept.Count} are lost.");
            lostInAll += all.Count - kept.Count;
        }

        // Every sample lies on exactly one page: the loop went over all of them.
        Assert.Equal(all.Count, lostInAll);
    }

    [Fact]
    public async Task F37_A_bit_flipped_anywhere_neither_stops_it_nor_costs_other_pages()
    {
        using var store = await FullStore.MakeAsync(samples: 1_000);
        var all = store.Rows("SELECT count(*) FROM sample").Select(int.Parse).Single();
        var length = (int)new FileInfo(store.File.Path).Length;
        var random = new Random(7);
        for (var round = 0; round < 20; round++)
        {
            Restore(store);
            var at = random.Next(100, length);
            var here = RowsOn(store, (at / PageSize) + 1);
            Damage(store, at, 1);

            using var saved = await RecoverAsync(store);

            var kept = int.Parse(saved.Store.Row("SELECT count(*) FROM sample"));
            Assert.InRange(kept, all - here, all);
        }
    }

    [Fact]
    public async Task F39_What_only_the_log_holds_is_saved_up_to_where_the_log_is_torn()
    {
        using var store = new TempStore();
        for (var i = 0; i < 20; i++)
            await store.AppendAsync(Some.Bpm(i, 60 + i));
        using var folder = new Hosting.TempFolder();
        File.Copy(store.File.Path, folder.At("torn"));
        var stop = TestContext.Current.CancellationToken;
        var log = await File.ReadAllBytesAsync(store.File.Path + "-wal", stop);
        await File.WriteAllBytesAsync(folder.At("torn-wal"), log[..^1], stop);

        var (report, saved) = await RecoverFileAsync(folder.At("torn"));

        using (saved)
            Assert.Equal(Enumerable.Range(0, 19).Select(i => $"{Some.Ms(i)}"),
                saved.Rows("SELECT t FROM sample ORDER BY t"));
        Assert.Equal(0, report.Nameless);
    }

    [Fact]
    public async Task Samples_are_somebodys_even_when_the_page_of_names_is_gone()
    {
        using var store = await FullStore.MakeAsync(samples: 200);
        foreach (var table in new[] { "wearer", "series" })
            Damage(store, (int.Parse(Sound(store).Row(
                $"SELECT rootpage FROM sqlite_master WHERE name='{table}'")) - 1) * PageSize, PageSize);

        using var saved = await RecoverAsync(store);

        Assert.Equal(0, saved.Report.Nameless);
        Assert.Equal([FullStore.Anna, FullStore.Ben],
            saved.Store.Rows("SELECT name FROM wearer ORDER BY id"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(PageSize)]
    public async Task F37_A_value_that_was_replaced_under_the_first_schema_is_saved(int damaged)
    {
        using var store = new TempStore();
        await using (var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={store.File.Path};Pooling=False"))
        {
            connection.Open();
            Migrations.Apply(connection, to: 1);
            await using var command = connection.CreateCommand();
            command.CommandText = $"""
                INSERT INTO wearer VALUES(1, 'ada', 'w-1', 1, 1, 5, 6);
                INSERT INTO series VALUES(1, 1, 'watch', 1, 0, '', {Some.Ms(0)});
                INSERT INTO sample VALUES({Some.Ms(0)}, 1, 0, 62.5, {Some.Ms(9)}, 1, 256, 0.5, 60);
                INSERT INTO sample_superseded VALUES({Some.Ms(0)}, 1, 0, 61, {Some.Ms(8)}, 0, 3, 0.5, 60);
                """;
            command.ExecuteNonQuery();
        }

        Damage(store, 0, damaged);
        using var saved = await RecoverAsync(store);

        Assert.Equal($"{Some.Ms(0)}|61.0|{Some.Ms(8)}|0|3|0.5|60|0|",
            saved.Store.Row(
                "SELECT t, value, received, rev, flags, q, off, fact, gone FROM sample_superseded"));
        Assert.Equal("62.5|1", saved.Store.Row("SELECT value, rev FROM sample"));
    }

    static void Damage(TempStore store, int at, int length)
    {
        if (!File.Exists(store.File.Path + ".sound"))
            File.Copy(store.File.Path, store.File.Path + ".sound");
        using var file = new FileStream(store.File.Path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var bytes = new byte[length];
        file.ReadExactly(bytes);
        file.Position = at;
        file.Write(bytes.Select(b => (byte)(b ^ 0xA5)).ToArray());
    }

    static void Restore(TempStore store)
    {
        if (File.Exists(store.File.Path + ".sound"))
            File.Copy(store.File.Path + ".sound", store.File.Path, overwrite: true);
    }

    /// <summary>The store with its file as it was; for asking, after everything else.</summary>
    static TempStore Sound(TempStore store)
    {
        if (File.Exists(store.File.Path + ".sound"))
            File.Move(store.File.Path + ".sound", store.File.Path, overwrite: true);
        return store;
    }

    /// <summary>How many samples can be lost with a page at most: the cells it says it has.</summary>
    static int RowsOn(TempStore store, int page)
    {
        using var file = new FileStream(store.File.Path, FileMode.Open, FileAccess.Read);
        var header = new byte[8];
        file.Position = (page - 1) * PageSize;
        file.ReadExactly(header);
        // Only pages of tables without row numbers hold samples; how many cells, says the page.
        return header[0] is 2 or 10 ? BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3)) : 0;
    }

    static async Task<Saved> RecoverAsync(TempStore store)
    {
        using var folder = new Hosting.TempFolder();
        File.Copy(store.File.Path, folder.At("damaged"));
        var (report, saved) = await RecoverFileAsync(folder.At("damaged"));
        return new Saved(report, saved);
    }

    static async Task<(RecoverReport Report, TempStore Store)> RecoverFileAsync(string path)
    {
        var before = File.ReadAllBytes(path);
        var saved = new TempStore();
        var report = await RecoverCommand.SaveAsync(path, saved.Options.Directory);
        Assert.Equal(before, File.ReadAllBytes(path));
        return (report, saved);
    }

    sealed record Saved(RecoverReport Report, TempStore Store) : IDisposable
    {
        public void Dispose() => Store.Dispose();
    }
}
