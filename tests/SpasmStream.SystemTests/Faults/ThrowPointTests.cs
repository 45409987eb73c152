using System.Text;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>
/// A fault before a commit: nobody is answered, the worker ends with 70, and what is sent again is kept once.
/// </summary>
public sealed class ThrowPointTests
{
    [Fact]
    public async Task F61_A_fault_before_the_commit_acknowledges_nothing_and_the_resend_is_stored_once()
    {
        await using var rig = WorkerRig.Make();
        rig.Failpoints = "before_commit=throw@3";
        await rig.StartAgainAsync();
        var start = WorkerRig.Now - 10_000;
        using (var ada = await rig.AdaAsync())
        {
            for (var i = 1; i <= 2; i++)
            {
                await ada.SendAsync(RawMqtt.Publish(i, WorkerRig.Topic, WorkerRig.Bpm(start + i)));
                Assert.Equal(new Puback(i, 0), await ada.ReadPubackAsync());
            }

            await ada.SendAsync(RawMqtt.Publish(3, WorkerRig.Topic, WorkerRig.Bpm(start + 3)));
            for (var packet = await ada.ReadAsync(TimeSpan.FromSeconds(30)); packet is not null;
                packet = await ada.ReadAsync(TimeSpan.FromSeconds(30)))
                Assert.NotEqual(RawMqtt.PubackType, packet.Type);
        }

        await EndsAsync(rig);
        Assert.Equal(2, rig.Count("SELECT count(*) FROM sample"));
        rig.Failpoints = "";
        await rig.StartAgainAsync();
        using var again = await rig.AdaAsync();
        await again.SendAsync(RawMqtt.Publish(3, WorkerRig.Topic,
            Encoding.UTF8.GetBytes(WorkerRig.Bpm(start + 3)), dup: true));
        Assert.Equal(new Puback(3, 0), await again.ReadPubackAsync());
        Assert.Equal([start + 1, start + 2, start + 3], rig.Column("SELECT t FROM sample ORDER BY t"));
        Assert.Equal(3, rig.Counter("SamplesStored"));
    }

    [Fact]
    public async Task F61_Behind_a_broker_that_is_not_ours_a_fault_before_the_commit_loses_nothing()
    {
        await using var broker = await MosquittoBroker.StartAsync();
        await using var rig = WorkerRig.Make(("Mqtt:Host", "127.0.0.1"), ("Mqtt:Port", $"{broker.Port}"));
        await using var load = SteadyLoad.Start(broker.Port);
        int[] passings = [1, 7, 20];
        foreach (var passing in passings)
        {
            rig.Failpoints = $"before_commit=throw@{passing}";
            await rig.StartAgainAsync(ready: false);
            await EndsAsync(rig);
        }

        rig.Failpoints = "";
        await rig.StartAgainAsync();
        await load.MoreAsync(50, rig.Process);
        await load.StopAsync();
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(load.IsSettled(rig.File)), "all in the file");
        Assert.Equal(0, await rig.Worker.StopAsync());
        load.AssertClean(rig);
    }

    static async Task EndsAsync(WorkerRig rig)
    {
        Assert.Equal(70, await rig.Process.ExitAsync(TimeSpan.FromMinutes(1)));
        Assert.Contains("A loop has failed, so the worker ended", rig.Process.Output,
            StringComparison.Ordinal);
    }
}
