using System.Text.Json;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

/// <summary>A key, another one, the wrong one and none, by the command line.</summary>
[Collection(nameof(SettingsTests))]
public sealed class RotateKeyTests : IDisposable
{
    const string Canary = "tansy-canary";

    readonly TempFolder _folder = new();
    readonly TempStore _store = new();

    [Fact]
    public async Task S29_A_clear_store_is_encrypted_rotated_and_turned_back_with_every_row_as_it_was()
    {
        await FillAsync(900);
        var before = FullStore.Everything(_store);
        Assert.NotEmpty(Found());

        Assert.Equal(900 + 1, Turned(Rotate(null, "--new-key-file", Key("a"))));
        Assert.Empty(Found());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Key("a")));
        Assert.Equal(32, Convert.FromBase64String(File.ReadAllText(Key("a"))).Length);
        var once = RowOf("a", "SELECT hex(payload) FROM dead_payload");
        Assert.Equal(901, Turned(Rotate("a", "--new-key-file", Key("b"))));
        Assert.Empty(Found());
        Assert.NotEqual(once, RowOf("b", "SELECT hex(payload) FROM dead_payload"));
        Assert.Equal(78, Run("a", "dead-letters", "show", "1").Code);
        Assert.Contains(Canary, Run("b", "dead-letters", "show", "1").Out, StringComparison.Ordinal);
        Assert.Equal(0, Turned(Rotate("b", "--new-key-file", Key("b"))));
        Assert.Equal(901, Turned(Rotate("b", "--remove")));

        Assert.Equal(before, FullStore.Everything(_store));
        Assert.Equal(3, new SecurityLog(_store.Options.Directory).Read()
            .Count(it => it.Action == "rotate-key"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S29_A_rotation_that_was_stopped_half_way_is_refused_to_all_others_and_goes_on(
        bool removes)
    {
        await FillAsync(1_300);
        Rotate(null, "--new-key-file", Key("a"));
        var (from, to) = (PayloadKey.Read(Key("a")), removes ? null : PayloadKey.Make(Key("b")));
        var blind = StoreFile.WithoutPayloads(_store.Options.Directory);
        using (var writer = new StoreWriter(blind, new StoreOptions(), TimeProvider.System))
        using (var stop = new CancellationTokenSource())
        {
            var rotation = new KeyRotation(writer, from, to);
            Assert.True(await rotation.BeginAsync());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => rotation.RunAsync(_ => stop.Cancel(), stop.Token));
        }

        var between = File.ReadAllBytes(_store.File.Path);
        foreach (var key in (string?[])[null, "a", "b"])
            if (key is null || File.Exists(Key(key)))
                Assert.Contains("rotate-key again", Refused(key), StringComparison.Ordinal);
        Assert.Equal(78, Rotate("a", "--new-key-file", Key("c")).Code);
        Assert.False(File.Exists(Key("c")));
        Assert.Equal(between, File.ReadAllBytes(_store.File.Path));

        string[] wish = removes ? ["--remove"] : ["--new-key-file", Key("b")];
        Assert.Equal(1_300 + 1 - KeyRotation.SliceRows, Turned(Rotate("a", wish)));

        Assert.Equal(removes, Found().Count > 0);
        var said = Run(removes ? null : "b", "dead-letters", "show", "1");
        Assert.Contains(Canary, said.Out, StringComparison.Ordinal);
        Assert.Equal("ok", RowOf(removes ? null : "b", "PRAGMA integrity_check"));
    }

    [Fact]
    public async Task S29_With_a_wrong_key_or_none_nothing_starts_and_the_file_is_as_it_was()
    {
        await FillAsync(3);
        PayloadKey.Make(Key("b"));
        Assert.Contains("not encrypted", Refused("b"), StringComparison.Ordinal);
        Rotate(null, "--new-key-file", Key("a"));
        var before = File.ReadAllBytes(_store.File.Path);

        Assert.Contains("another key", Refused("b"), StringComparison.Ordinal);
        Assert.Contains("set Store:KeyFile", Refused(null), StringComparison.Ordinal);
        Assert.Equal(78, Rotate("b", "--new-key-file", Key("c")).Code);
        Assert.Equal(78, Rotate(null, "--remove").Code);

        Assert.Equal(before, File.ReadAllBytes(_store.File.Path));
    }

    [Fact]
    public async Task S29_A_key_that_others_may_read_or_that_is_none_is_refused()
    {
        await FillAsync(1);
        PayloadKey.Make(Key("a"));
        foreach (var text in (string[])["", "abc", Convert.ToBase64String(new byte[31]), new string('A', 44)])
        {
            File.WriteAllText(Key("b"), text);
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Key("b"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Assert.Contains("Store:KeyFile: ", Refused("b"), StringComparison.Ordinal);
        }

        Assert.Contains("There is no key file", Refused("gone"), StringComparison.Ordinal);
        Assert.Equal(64, Rotate(null).Code);
        Assert.Equal(64, Rotate(null, "--remove", "--new-key-file", Key("a")).Code);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(Key("a"), (UnixFileMode)Convert.ToInt32("644", 8));
        Assert.Contains("chmod 600", Refused("a"), StringComparison.Ordinal);
        Assert.Equal(78, Rotate(null, "--new-key-file", Key("a")).Code);
    }

    [Fact]
    public async Task S29_A_row_that_was_moved_from_page_to_page_left_no_clear_copy_behind()
    {
        // By the hash of its payload a dead letter lies anywhere, so pages are split again and again.
        foreach (var some in Enumerable.Range(0, 3_000).Chunk(50))
            await _store.AppendAsync([.. some.Select(i =>
                Some.Message($"not json {i} {Canary}{new string('x', i % 700)}"))]);
        _store.Close();
        var blind = StoreFile.WithoutPayloads(_store.Options.Directory);
        using (var writer = new StoreWriter(blind, new StoreOptions(), TimeProvider.System))
        {
            var rotation = new KeyRotation(writer, null, PayloadKey.Make(Key("a")));
            Assert.True(await rotation.BeginAsync());
            Assert.Equal(3_000, await rotation.RunAsync(_ => { }, TestContext.Current.CancellationToken));
        }

        // Every payload is turned, and copies of what they were still lie between the rows.
        Assert.NotEmpty(Found());
        Assert.Equal(0, Turned(Rotate(null, "--new-key-file", Key("a"))));

        Assert.Empty(Found());
    }

    [Fact]
    public async Task D1_While_a_worker_runs_the_key_stays_and_no_other_is_made()
    {
        await FillAsync(1);
        using var held = InstanceLock.Take(_store.Options.Directory);

        Assert.Equal(78, Rotate(null, "--new-key-file", Key("a")).Code);

        Assert.False(File.Exists(Key("a")));
        Assert.NotEmpty(Found());
    }

    [Fact]
    public async Task S29_While_somebody_reads_what_was_clear_it_is_not_said_to_be_gone()
    {
        await FillAsync(50);
        using (var reader = _store.File.OpenReader())
        using (var rows = reader.CreateCommand())
        {
            rows.CommandText = "SELECT payload FROM entry";
            using var row = rows.ExecuteReader();
            Assert.True(row.Read());
            Assert.Equal(78, Rotate(null, "--new-key-file", Key("a")).Code);
        }

        Assert.Equal(0, Turned(Rotate(null, "--new-key-file", Key("a"))));
        Assert.Empty(Found());
        Assert.Contains(Canary, Run("a", "dead-letters", "show", "1").Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_says_whether_the_key_fits()
    {
        await FillAsync(1);
        Rotate(null, "--new-key-file", Key("a"));
        PayloadKey.Make(Key("b"));

        Assert.Contains(await StoreAsync("a"), it => it is { State: FindingState.Ok }
            && it.Seen.Contains("key of the payloads", StringComparison.Ordinal));
        Assert.Contains(await StoreAsync("b"), it => it is { State: FindingState.Failed }
            && it.Seen.Contains("another key", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    string Key(string name) => _folder.At(name);

    async Task FillAsync(int entries)
    {
        foreach (var some in Enumerable.Range(0, entries).Chunk(100))
            await _store.AppendAsync([.. some.Select(i => Some.Message(
                $$"""{"v":1,"t":{{Some.Ms(i)}},"id":"s{{i}}","stress":5,"note":"{{Canary}}"}""",
                topic: "spasmstream/v1/in/ada/diary/state"))]);
        await _store.AppendAsync(Some.Message($"not json {Canary}"));
        _store.Close();
    }

    IReadOnlyList<LeftOver> Found() => new LeftOverSearch(Canary).In(_store.Options.Directory);

    CliAnswer Rotate(string? key, params string[] wish) => Run(key, ["rotate-key", "--json", .. wish]);

    static long Turned(CliAnswer said) => said.Code == 0
        ? said.Json.GetProperty("payloads").GetInt64() : throw new InvalidOperationException(said.All);

    string Refused(string? key)
    {
        foreach (var verb in (string[])["run", "export"])
        {
            var said = Run(key, verb == "run" ? [verb] : [verb, "--out", _folder.At("out")]);
            Assert.True(said.Code == 78, $"{verb}: {said.Code} {said.All}");
        }

        return Run(key, "run").Error;
    }

    string RowOf(string? key, string sql)
    {
        using var reader = new StoreFile(
            _store.Options.Directory, key is null ? null : PayloadKey.Read(Key(key))).OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!.ToString()!;
    }

    async Task<IReadOnlyList<DoctorFinding>> StoreAsync(string key)
    {
        var settings = FullStore.SettingsOf(_store);
        settings.Store.KeyFile = Key(key);
        return await new DoctorStore(settings, workerRuns: false)
            .FileAsync(Some.Start, TestContext.Current.CancellationToken);
    }

    CliAnswer Run(string? key, params string[] verb) => Cli.Run([.. verb, "--config",
        _folder.Write("settings.json", JsonSerializer.Serialize(new
        {
            Store = new { _store.Options.Directory, KeyFile = key is null ? null : Key(key) },
        }))]);
}
