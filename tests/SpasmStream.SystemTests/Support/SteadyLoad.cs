using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Support;

/// <summary>Four devices of ada that publish together at about 200 messages a second, whoever dies.</summary>
sealed class SteadyLoad : IAsyncDisposable
{
    const int Devices = 4;
    const int PerSecond = 48;

    readonly SetFull[] _books = [.. Enumerable.Range(0, Devices).Select(i => new SetFull($"watch-{i}"))];
    readonly SteadyPublisher[] _publishers;

    SteadyLoad(int port, (string, string)? account, int perSecond) => _publishers = [.. _books.Select(
        (book, i) => SteadyPublisher.Start(port, book, perSecond,
            account is { Item1: var user } ? $"{user}:{i}" : $"device-{i}", account))];

    /// <summary>Ids that somebody promised to keep.</summary>
    public int Acknowledged => _books.Sum(book => book.Acknowledged.Count);

    /// <summary>To the worker's own broker, as ada.</summary>
    public static SteadyLoad Start(WorkerRig rig, int perSecond = PerSecond) =>
        new(rig.BrokerPort, ("ada", "a"), perSecond);

    /// <summary>To another broker.</summary>
    public static SteadyLoad Start(int port, int perSecond = PerSecond) => new(port, null, perSecond);

    /// <summary>No new ids; done when all that were sent are answered.</summary>
    public Task StopAsync() => Task.WhenAll(_publishers.Select(publisher => publisher.StopAsync()));

    /// <summary>Whether all that was acknowledged is in the file.</summary>
    public bool IsSettled(StoreFile file) => _books.All(book => book.IsSettled(file));

    /// <summary>How long each took to be acknowledged of those begun since then, the longest last.</summary>
    public List<TimeSpan> Took(long since) => [.. _books.SelectMany(book => book.Took(since)).Order()];

    /// <summary>Until so many more are acknowledged, or the worker has ended.</summary>
    public async Task MoreAsync(int count, RunningProcess worker)
    {
        var wanted = Acknowledged + count;
        while (!worker.HasExited && Acknowledged < wanted)
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    /// <summary>Lost 0, duplicated 0, phantom 0, corrupted 0, and each counted once.</summary>
    public void AssertClean(WorkerRig rig)
    {
        foreach (var book in _books)
        {
            var verdict = book.Judge(rig.File);
            verdict.AssertClean();
            Assert.Empty(verdict.Dead);
        }

        Assert.Equal(rig.Count("SELECT count(*) FROM sample"), rig.Counter("SamplesStored"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var publisher in _publishers)
            await publisher.DisposeAsync();
    }
}
