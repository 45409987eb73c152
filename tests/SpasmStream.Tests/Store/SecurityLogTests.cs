using SpasmStream.Tests.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>The record of security events, written by several at once.</summary>
public sealed class SecurityLogTests : IDisposable
{
    static readonly Instant _now = Instant.FromUtc(2026, 3, 7, 12, 0);

    readonly TempFolder _folder = new();

    [Fact]
    public async Task S15_Of_many_writers_no_line_is_lost_though_another_trims_meanwhile()
    {
        var stop = TestContext.Current.CancellationToken;
        var writers = Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            // A log of its own each, as processes have: the lock is in the folder.
            var log = new SecurityLog(_folder.Path);
            for (var n = 0; n < 100; n++)
                log.Append(Event(_now, $"writer-{i}"));
        }, stop));
        var trimmer = Task.Run(() =>
        {
            var log = new SecurityLog(_folder.Path);
            for (var n = 0; n < 20; n++)
            {
                log.Append(Event(_now - Duration.FromDays(200), "old"));
                log.Trim(_now);
            }
        }, stop);

        await Task.WhenAll([.. writers, trimmer]);

        Assert.Equal(Enumerable.Range(0, 4).Select(i => ($"writer-{i}", 100)),
            new SecurityLog(_folder.Path).Read().CountBy(it => it.Actor)
                .OrderBy(it => it.Key, StringComparer.Ordinal).Select(it => (it.Key, it.Value)));
    }

    [Fact]
    public void S15_Nothing_is_written_while_another_process_writes()
    {
        using var other = OwnerFile.Lock(_folder.At("security-events.lock"));

        Assert.Throws<IOException>(() => new SecurityLog(_folder.Path).Append(Event(_now, "a")));
        Assert.Empty(new SecurityLog(_folder.Path).Read());
    }

    [Fact]
    public void S29_Its_lock_is_its_owners_alone_and_one_of_our_files()
    {
        new SecurityLog(_folder.Path).Append(Event(_now, "a"));
        var file = _folder.At("security-events.lock");

        Assert.Contains(file, Worker.Hosting.FileRights.OursIn(_folder.Path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    public void Dispose() => _folder.Dispose();

    static SecurityEvent Event(Instant at, string actor) => new(at, actor, "login", null, null);
}
