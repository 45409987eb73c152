using System.Security.Cryptography;
using System.Text.Json;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Store;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

public sealed class ExportTests
{
    [Fact]
    public async Task S26_Every_file_has_the_rows_of_its_query_and_the_hash_of_its_bytes()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();

        var manifest = await ExportAsync(store, folder.Path);

        foreach (var file in manifest.Files)
        {
            var bytes = File.ReadAllBytes(folder.At(file.Name));
            Assert.Equal(file.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
            Assert.Equal(file.Bytes, bytes.Length);
            if (file.Name.EndsWith(".ndjson", StringComparison.Ordinal))
                Assert.Equal(file.Rows, bytes.Count(b => b == '\n'));
        }

        string[] tables = ["sample", "sample_superseded", "sample_fact", "entry", "device", "hour_summary",
            "hour_digest", "day_summary", "forecast", "risk_window", "preceded", "alert", "outbox",
            "dead_letter", "wearer"];
        string[] files = ["samples", "superseded", "facts", "entries", "devices", "hours", "hour-digests",
            "days", "forecasts", "risk-windows", "preceded", "alerts", "outbox", "dead-letters", "wearer"];
        var counted = Erasure.Count(store.File, new WearerId(FullStore.Anna));
        foreach (var (table, name) in tables.Zip(files))
            foreach (var form in new[] { "ndjson", "csv" })
                Assert.Equal(counted.Single(it => it.Table == table).Rows,
                    manifest.Files.Single(file => file.Name == $"{name}.{form}").Rows);
        // The wearer's and everybody's.
        Assert.Equal(2, manifest.Files.Single(file => file.Name == "gaps.ndjson").Rows);
        Assert.Equal(1, manifest.Files.Single(file => file.Name == "security-events.ndjson").Rows);
    }

    [Fact]
    public async Task S26_Nothing_of_anybody_else_and_no_secret_is_in_it()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();

        await ExportAsync(store, folder.Path);

        var accounts = File.ReadAllLines(folder.At("accounts.ndjson"));
        Assert.Equal(2, accounts.Length);
        Assert.Empty(new LeftOverSearch("pbkdf2-canary", FullStore.BensSecret,
            FullStore.Pseudonym(store, FullStore.Ben)).In(folder.Path));
        Assert.Contains("not json lavender-canary", File.ReadAllText(folder.At("dead-letters.ndjson")),
            StringComparison.Ordinal);
        Assert.Contains("\"heart_rate\":61.5", File.ReadAllText(folder.At("hours.ndjson")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task S26_Its_messages_make_the_same_store_and_the_same_messages_again()
    {
        using var store = await FullStore.MakeAsync(samples: 5_000);
        using var folder = new Hosting.TempFolder();
        await ExportAsync(store, folder.At("first"));
        using var again = new TempStore();
        foreach (var some in NdjsonFile.Read(folder.At("first/messages.ndjson"), (_, _) => { }).Chunk(7))
            await again.AppendAsync(some);
        again.Close();

        await ExportAsync(again, folder.At("second"));

        Assert.Equal(File.ReadAllBytes(folder.At("first/messages.ndjson")),
            File.ReadAllBytes(folder.At("second/messages.ndjson")));
        Assert.Equal(
            store.Rows($"SELECT t, dur, value, received, rev FROM sample JOIN series ON series.id=series "
                + $"JOIN wearer ON wearer.id=wearer WHERE name='{FullStore.Anna}' ORDER BY t"),
            again.Rows("SELECT t, dur, value, received, rev FROM sample ORDER BY t"));
    }

    [Fact]
    public async Task B50_What_a_spreadsheet_would_run_gets_a_quote_and_negative_numbers_stay_numbers()
    {
        using var folder = new Hosting.TempFolder();
        string[] texts = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\0x", "plain", "a,\"b\"\r\nc", ""];

        new ExportFolder(folder.Path, ExportFormat.Both).Write("sheet", ["text", "number", "whole"],
            texts.Select(text => new object?[] { text, -1.5, -7L }), _ => { });

        var sheet = await File.ReadAllTextAsync(
            folder.At("sheet.csv"), TestContext.Current.CancellationToken);
        Assert.Equal("text,number,whole\r\n" + string.Concat(
            "\"'=1+1\"", ",-1.5,-7\r\n", "\"'+1\"", ",-1.5,-7\r\n", "\"'-1\"", ",-1.5,-7\r\n",
            "\"'@sum\"", ",-1.5,-7\r\n", "\"'\tx\"", ",-1.5,-7\r\n", "\"'\rx\"", ",-1.5,-7\r\n",
            "'\0x", ",-1.5,-7\r\n", "plain", ",-1.5,-7\r\n", "\"a,\"\"b\"\"\r\nc\"", ",-1.5,-7\r\n",
            "", ",-1.5,-7\r\n"), sheet);
        using var line = JsonDocument.Parse(File.ReadLines(folder.At("sheet.ndjson")).First());
        Assert.Equal("=1+1", line.RootElement.GetProperty("text").GetString());
    }

    [Fact]
    public async Task B51_A_folder_with_something_in_it_is_not_written_to()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        folder.Write("mine", "");

        Assert.Equal(64, await RunAsync(store, FullStore.Anna, folder.Path));
        Assert.Equal(64, await RunAsync(store, FullStore.Anna, folder.At("mine")));
        Assert.Equal(64, await RunAsync(store, "../../x", folder.At("other")));
        Assert.Equal(64, await RunAsync(store, null, folder.At("other")));
        Assert.Equal(["mine"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task B51_A_file_that_is_there_or_a_wearer_who_is_not_is_refused_and_leaves_no_event()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        var mine = new FileInfo(folder.Write("mine.ndjson", "mine"));
        var settings = FullStore.SettingsOf(store);
        var before = new SecurityLog(store.Options.Directory).Read().Count();
        Task<int> Run(FileInfo? to, string? wearer, bool force = false) => ExportCommand.RunAsync(
            new ExportWish(to, null, null, ExportFormat.Both, wearer, Json: true, force), settings,
            TimeProvider.System);

        Assert.Equal(64, await Run(mine, null));
        Assert.Equal(64, await Run(new FileInfo(folder.At("new")), "nobody"));
        Assert.Equal(64, await Run(null, null));
        Assert.Equal("mine", File.ReadAllText(mine.FullName));
        Assert.False(File.Exists(folder.At("new")));
        Assert.Equal(before, new SecurityLog(store.Options.Directory).Read().Count());

        Assert.Equal(0, await Run(mine, null, force: true));
        Assert.NotEqual("mine", File.ReadAllText(mine.FullName));
    }

    [Fact]
    public async Task S29_What_is_exported_is_its_owners_alone_and_S15_the_export_is_on_record()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();

        Assert.Equal(0, await RunAsync(store, FullStore.Anna, folder.At("out")));

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(folder.At("out")));
            foreach (var path in Directory.GetFiles(folder.At("out")))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        var last = new SecurityLog(store.Options.Directory).Read().Last();
        Assert.Equal(("operator", "export", FullStore.Pseudonym(store, FullStore.Anna)),
            (last.Actor, last.Action, last.Wearer));
    }

    static async Task<ExportManifest> ExportAsync(TempStore store, string folder)
    {
        Directory.CreateDirectory(folder);
        return await new WearerExport(FullStore.SettingsOf(store), store.File, TimeProvider.System)
            .WriteAsync(new WearerId(FullStore.Anna), folder, ExportFormat.Both);
    }

    static Task<int> RunAsync(TempStore store, string? wearer, string folder) => ExportCommand.RunAsync(
        new ExportWish(null, null, new DirectoryInfo(folder), ExportFormat.Both, wearer, Json: true),
        FullStore.SettingsOf(store), TimeProvider.System);
}
