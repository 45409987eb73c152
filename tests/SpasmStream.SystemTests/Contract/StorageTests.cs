using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Contract;

/// <summary>The folder of the store as the real worker leaves it, and what a full disk does.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class StorageTests
{
    const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    const UnixFileMode OwnFolder = OwnFile | UnixFileMode.UserExecute;

    [Fact]
    public async Task S29_Every_file_is_its_owners_alone_and_what_was_wider_is_narrowed()
    {
        await using var rig = await WorkerRig.StartAsync();
        using (var ada = await rig.AdaAsync())
        {
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            await ada.ReadPubackAsync();
        }

        // While it runs, so that the log and the lock of the file are there.
        Assert.Superset(
            new HashSet<string> { "spasmstream.db", "spasmstream.db-wal", "spasmstream.db-shm",
                "spasmstream.lock" },
            Directory.EnumerateFiles(rig.Folder).Select(file => Path.GetFileName(file)).ToHashSet());
        AssertOwnersAlone(rig.Folder);

        await rig.Worker.StopAsync();
        File.SetUnixFileMode(rig.File.Path, OwnFile | UnixFileMode.OtherRead);
        File.SetUnixFileMode(rig.Folder, OwnFolder | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        await rig.StartAgainAsync();

        AssertOwnersAlone(rig.Folder);
        Assert.Equal(2, rig.Process.Output.Split("now only its owner can").Length - 1);
    }

    [Fact]
    public async Task D7_Over_its_limit_senders_are_cut_off_without_a_PUBACK_and_the_worker_is_not_ready()
    {
        // So much is free on no disk of ours.
        await using var rig = WorkerRig.Make(("Store:MinimumFreeMebibytes", "1048576"));
        await rig.StartAgainAsync(ready: false);
        await rig.Process.WaitForLineAsync("The store is full");
        using var ada = await rig.AdaAsync();

        await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));

        for (var packet = await ada.ReadAsync(); packet is not null; packet = await ada.ReadAsync())
            Assert.NotEqual(RawMqtt.PubackType, packet.Type);
        using var http = new HttpClient();
        using var ready = await http.GetAsync(
            new Uri(rig.Page, "/health/ready"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        using var live = await http.GetAsync(
            new Uri(rig.Page, "/health/live"), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(0, rig.Count("SELECT count(*) FROM sample"));
    }

    static void AssertOwnersAlone(string folder)
    {
        Assert.Equal(OwnFolder, File.GetUnixFileMode(folder));
        foreach (var path in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
            Assert.True(
                File.GetUnixFileMode(path) == (Directory.Exists(path) ? OwnFolder : OwnFile),
                $"{Path.GetFileName(path)} is {File.GetUnixFileMode(path)}.");
    }
}
