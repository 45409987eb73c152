using System.Net;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// A disk that is full or may not be written, really: the worker lives in a mount namespace of its own, and
/// what it sees of it is reached through /proc.
/// </summary>
public sealed class NoDiskTests
{
    static readonly TimeSpan _twoSeconds = TimeSpan.FromSeconds(2), _tenSeconds = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task F33_F34_On_a_full_disk_nothing_is_acknowledged_and_with_room_again_all_of_it_is_kept()
    {
        // The gauge of the store would shut the doors before the disk is full.
        await using var rig = await InsideAsync(
            """mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@" """,
            ("Store:MinimumFreeMebibytes", "0"), ("Store:DiskPercent", "100"));
        await rig.StartAgainAsync();
        var inside = $"/proc/{rig.Process.Id}/root{rig.Folder}";
        using var ada = await rig.AdaAsync();
        var book = new SetFull();
        var first = book.Next();
        await ada.SendAsync(RawMqtt.Publish(1, book.Topic, book.Message(first)));
        Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        book.Answered(first, 0);

        var filler = Fill(inside);
        var second = book.Next();
        await ada.SendAsync(RawMqtt.Publish(2, book.Topic, book.Message(second)));
        for (var packet = await ada.ReadAsync(); packet is not null; packet = await ada.ReadAsync())
            Assert.NotEqual(RawMqtt.PubackType, packet.Type);
        await AsksAsync(rig, "/health/ready", HttpStatusCode.ServiceUnavailable, _twoSeconds);
        await AsksAsync(rig, "/health/live", HttpStatusCode.OK, _twoSeconds);

        File.Delete(filler);
        await AsksAsync(rig, "/health/ready", HttpStatusCode.OK, _tenSeconds);
        using var again = await rig.AdaAsync();
        await again.SendAsync(RawMqtt.Publish(3, book.Topic, book.Message(second)));
        Assert.Equal(new Puback(3, 0), await again.ReadPubackAsync());
        book.Answered(second, 0);
        // SQLite follows the link to the root that we see, so it is given a copy.
        using var copy = new TempFolder();
        foreach (var part in rig.File.Parts.Where(part => !part.EndsWith("-shm", StringComparison.Ordinal)))
            File.Copy(Path.Combine(inside, Path.GetFileName(part)), copy.At(Path.GetFileName(part)));
        var verdict = book.Judge(new StoreFile(copy.Path));
        verdict.AssertClean();
        Assert.Equal(2, verdict.Ok.Count);
        Assert.Equal(0, await rig.Worker.StopAsync());
    }

    [Fact]
    public async Task F36_A_folder_that_may_not_be_written_is_78_with_what_to_do()
    {
        await using var rig = await InsideAsync(
            """mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@" """);

        await rig.StartAgainAsync(ready: false);

        Assert.Equal(78, await rig.Process.ExitAsync(Night(TimeSpan.FromSeconds(5))));
        Assert.Contains("Store:Directory", rig.Process.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(rig.Folder));
    }

    [Fact]
    public async Task F36_A_file_that_may_not_be_written_is_78_and_stays_as_it_is()
    {
        await using var rig = await InsideAsync(
            """mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@" """);
        using (var writer = new StoreWriter(rig.File, new StoreOptions(), TimeProvider.System))
            await writer.RunAsync(_ => 0, TestContext.Current.CancellationToken);
        var before = File.ReadAllBytes(rig.File.Path);

        await rig.StartAgainAsync(ready: false);

        Assert.Equal(78, await rig.Process.ExitAsync(Night(TimeSpan.FromSeconds(5))));
        Assert.Contains("Store:Directory", rig.Process.Output, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(rig.File.Path));
    }

    static string Fill(string folder)
    {
        var path = Path.Combine(folder, "filler");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1);
        // In pieces: the last ones that fit are small.
        foreach (var size in (int[])[65_536, 4_096, 512, 1])
            try
            {
                while (true)
                    file.Write(new byte[size]);
            }
            catch (IOException)
            {
                // So many do not fit any more.
            }

        return path;
    }

    /// <summary>A rig whose worker starts behind a change to what is mounted on its folder.</summary>
    static async Task<WorkerRig> InsideAsync(string script, params (string, string)[] settings)
    {
        await using (var trial = new RunningProcess(
            "unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], Path.GetTempPath()))
            Assert.SkipUnless(await trial.ExitAsync() == 0,
                "This machine lets nobody mount in a namespace of their own (unshare -rm).");
        var rig = WorkerRig.Make(settings);
        Directory.CreateDirectory(rig.Folder);
        rig.InFront = ["unshare", "-rm", "sh", "-c", script, rig.Folder];
        return rig;
    }

    static TimeSpan Night(TimeSpan limit) => NightlyFactAttribute.IsNight ? limit : TimeSpan.FromSeconds(30);

    static async Task AsksAsync(WorkerRig rig, string route, HttpStatusCode wanted, TimeSpan within)
    {
        using var http = new HttpClient();
        await rig.Process.WaitUntilAsync(async stop =>
        {
            using var answer = await http.GetAsync(new Uri(rig.Page, route), stop);
            return answer.StatusCode == wanted;
        }, $"{route} {wanted}", Night(within));
    }
}
