using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>The checker finds what it is there for: a test that trusts it can fail.</summary>
public sealed class SetFullTests
{
    [Fact]
    public async Task Every_kind_of_damage_done_to_a_file_is_told_apart()
    {
        var book = new SetFull();
        await using var rig = await WorkerRig.StartAsync();
        await using (var device = SteadyPublisher.Start(rig.BrokerPort, book, 500, "ada", ("ada", "a")))
        {
            await rig.Process.WaitUntilAsync(_ => Task.FromResult(book.Acknowledged.Count >= 20), "20 in");
            await device.StopAsync();
        }

        await rig.Worker.StopAsync();
        var clean = book.Judge(rig.File);
        Assert.True(clean.IsClean, clean.ToString());
        Assert.Equal(book.Sent, clean.Ok.Count);

        var ids = book.Acknowledged.Order().ToList();
        rig.Write($"DELETE FROM sample WHERE t={ids[0]}");
        rig.Write($"UPDATE sample SET value=39 WHERE t={ids[1]}");
        rig.Write($"UPDATE sample SET t={ids[^1] + 5_000} WHERE t={ids[2]}");
        rig.Write($"""
            INSERT INTO sample(t, series, dur, value, received, rev, flags)
            SELECT t, series, 1, value, received, rev, flags FROM sample WHERE t={ids[3]}
            """);
        rig.Write("INSERT INTO dead_payload VALUES(x'01', '{\"v\":1,\"t\":" + ids[4] + ",\"bpm\":1}')");
        rig.Write($"DELETE FROM sample WHERE t={ids[4]}");
        var unanswered = book.Next();

        var verdict = book.Judge(rig.File);

        Assert.Equal([ids[0], ids[2]], verdict.Lost.Order());
        Assert.Equal([ids[1]], verdict.Corrupted);
        Assert.Equal([ids[^1] + 5_000], verdict.Phantom);
        Assert.Equal([ids[3]], verdict.Duplicated);
        Assert.Equal([ids[4]], verdict.Dead);
        Assert.Equal([unanswered], verdict.Unanswered);
        Assert.Equal(book.Sent - 6, verdict.Ok.Count);
    }
}
