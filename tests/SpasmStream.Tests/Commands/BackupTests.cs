using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

public sealed class BackupTests
{
    [Fact]
    public async Task S30_What_is_restored_elsewhere_equals_its_source_row_for_row()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        using var other = new TempStore();

        Assert.Equal(0, await BackUpAsync(store, folder.At("copy")));
        Assert.Equal(0, await RestoreAsync(other, folder.At("copy")));

        Assert.Equal(FullStore.Everything(store, "gap", "forward_target"),
            FullStore.Everything(other, "gap", "forward_target"));
        // InfluxDB may hold what came since: it is told everything anew.
        Assert.Equal("|0", other.Row("SELECT target, step FROM forward_target"));
        // What came since it was taken is not there, and that is said.
        Assert.Equal([.. store.Rows("SELECT cause, device FROM gap"), "restored|"],
            other.Rows("SELECT cause, device FROM gap"));
        Assert.Equal(File.ReadAllBytes(Path.Combine(store.Options.Directory, "accounts.json")),
            File.ReadAllBytes(Path.Combine(other.Options.Directory, "accounts.json")));
        if (!OperatingSystem.IsWindows())
            foreach (var path in Directory.GetFiles(folder.At("copy")))
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task A_backup_in_the_way_stays_unless_forced_and_what_is_no_backup_always()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        Assert.Equal(0, await BackUpAsync(store, folder.At("copy")));
        Directory.CreateDirectory(folder.At("photos"));

        Assert.Equal(64, await BackUpAsync(store, folder.At("copy")));
        Assert.Equal(0, await BackUpAsync(store, folder.At("copy"), force: true));
        Assert.Equal(64, await BackUpAsync(store, folder.At("photos"), force: true));
        Assert.Equal(["copy", "photos"],
            Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task A_restore_moves_aside_what_is_there_and_never_deletes_it()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await BackUpAsync(store, folder.At("copy"));
        await store.AppendAsync(Some.Bpm(9_999, 61));
        store.Close();
        var later = File.ReadAllBytes(store.File.Path);

        Assert.Equal(64, await RestoreAsync(store, folder.At("copy")));
        Assert.Equal(0, await RestoreAsync(store, folder.At("copy"), force: true));

        var aside = Assert.Single(
            Directory.GetFiles(store.Options.Directory, "spasmstream.db.before-restore-*"));
        Assert.Equal(later, File.ReadAllBytes(aside));
        Assert.Equal("0", store.Row("SELECT count(*) FROM wearer WHERE name='ada'"));
    }

    [Theory]
    [InlineData("spasmstream.db")]
    [InlineData("accounts.json")]
    public async Task A_backup_that_was_changed_is_refused_and_the_store_is_untouched(string name)
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await BackUpAsync(store, folder.At("copy"));
        var path = folder.At("copy/" + name);
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        var before = Directory.GetFiles(store.Options.Directory).Order().ToList();

        Assert.Equal(74, await RestoreAsync(store, folder.At("copy"), force: true));

        Assert.Equal(before, Directory.GetFiles(store.Options.Directory).Order());
    }

    [Fact]
    public async Task A_backup_of_a_newer_program_is_refused_and_the_store_is_untouched()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await store.RunAsync(session => session.Execute("PRAGMA user_version=99"));
        store.Close();
        await BackUpAsync(store, folder.At("copy"));
        using var other = new TempStore();
        await other.AppendAsync(Some.Bpm(0, 61));
        other.Close();

        await Assert.ThrowsAsync<SetupException>(() => RestoreAsync(other, folder.At("copy"), force: true));

        Assert.Equal("1", other.Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task S27_Who_was_erased_after_the_backup_is_erased_again_by_the_restore()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await BackUpAsync(store, folder.At("copy"));
        await EraseCommand.RunAsync(new EraseWish(FullStore.Anna, Yes: true, null, Json: true),
            FullStore.SettingsOf(store), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(0, await RestoreAsync(store, folder.At("copy"), force: true));

        Assert.Equal([FullStore.Ben], store.Rows("SELECT name FROM wearer"));
        Assert.Empty(new LeftOverSearch(FullStore.AnnasSecret).In(store.Options.Directory));
    }

    [Fact]
    public async Task S27_Who_was_erased_is_erased_again_also_when_the_store_that_says_so_is_torn()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await BackUpAsync(store, folder.At("copy"));
        await EraseCommand.RunAsync(new EraseWish(FullStore.Anna, Yes: true, null, Json: true),
            FullStore.SettingsOf(store), TimeProvider.System, TestContext.Current.CancellationToken);
        using (var file = new FileStream(store.File.Path, FileMode.Open, FileAccess.Write))
            file.Write(new byte[100]);

        Assert.Equal(0, await RestoreAsync(store, folder.At("copy"), force: true));

        Assert.Equal([FullStore.Ben], store.Rows("SELECT name FROM wearer"));
    }

    [Fact]
    public async Task S27_A_restore_that_leaves_something_of_who_was_erased_is_no_clean_one()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await BackUpAsync(store, folder.At("copy"));
        File.Copy(store.File.Path, store.File.Path + ".corrupt-20260101T000000Z");
        await EraseCommand.RunAsync(new EraseWish(FullStore.Anna, Yes: true, null, Json: true),
            FullStore.SettingsOf(store), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(74, await RestoreAsync(store, folder.At("copy"), force: true));
    }

    [Fact]
    public async Task S30_A_password_that_was_revoked_or_renewed_since_does_not_come_back()
    {
        using var store = new TempStore();
        using var folder = new Hosting.TempFolder();
        await store.AppendAsync(Some.Bpm(0, 61));
        store.Close();
        var settings = FullStore.SettingsOf(store);
        settings.Wearers.Add(new WearerOptions { Id = "ada" });
        var devices = new DeviceAccounts(settings, TimeProvider.System);
        foreach (var device in (string[])["watch", "ring", "strap"])
            devices.Add("ada", device, gateway: false, diary: false);
        await BackUpAsync(store, folder.At("copy"));
        devices.Revoke("ada-watch");
        var (renewed, _) = devices.Rotate("ada-ring");
        devices.Add("ada", "late", gateway: false, diary: false);
        devices.Revoke("ada-late");
        var manifest = new Backup(folder.At("copy")).Manifest()!;

        var done = new Restore(store.File, folder.At("copy"), manifest.Taken).Run(manifest);

        Assert.Equal(3, done.AccountsKept);
        var accounts = new Worker.Broker.AccountFile(store.Options.Directory).Read();
        Assert.Equal(["ada-watch", "ada-late"],
            accounts.Where(it => it.Revoked is not null).Select(it => it.User));
        Assert.Equal(renewed.PasswordHash, accounts.Single(it => it.User == "ada-ring").PasswordHash);
        Assert.Equal(4, accounts.Count);
    }

    [Fact]
    public async Task S30_Accounts_that_cannot_be_read_are_said_and_no_clean_restore()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        await BackUpAsync(store, folder.At("copy"));
        await File.WriteAllTextAsync(Path.Combine(store.Options.Directory, "accounts.json"), "{",
            TestContext.Current.CancellationToken);

        Assert.Equal(74, await RestoreAsync(store, folder.At("copy"), force: true));
    }

    [Fact]
    public async Task While_a_worker_runs_it_can_be_backed_up_but_not_restored_or_erased()
    {
        using var store = await FullStore.MakeAsync();
        using var folder = new Hosting.TempFolder();
        using (InstanceLock.Take(store.Options.Directory))
        {
            Assert.NotNull(store.Writer);
            Assert.Equal(0, await BackUpAsync(store, folder.At("copy")));
            await Assert.ThrowsAsync<SetupException>(
                () => RestoreAsync(store, folder.At("copy"), force: true));
            await Assert.ThrowsAsync<SetupException>(() => EraseCommand.RunAsync(
                new EraseWish(FullStore.Anna, Yes: true, null, Json: true), FullStore.SettingsOf(store),
                TimeProvider.System, TestContext.Current.CancellationToken));
        }

        Assert.Equal("2", store.Row("SELECT count(*) FROM wearer"));
    }

    static Task<int> BackUpAsync(TempStore store, string folder, bool force = false) =>
        BackupCommand.RunAsync(folder, force, json: true, FullStore.SettingsOf(store), TimeProvider.System);

    static Task<int> RestoreAsync(TempStore store, string folder, bool force = false) =>
        RestoreCommand.RunAsync(folder, force, json: true, FullStore.SettingsOf(store), TimeProvider.System,
            TestContext.Current.CancellationToken);
}
