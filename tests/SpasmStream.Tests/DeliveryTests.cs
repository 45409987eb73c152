using SpasmStream.Tests.Store;
using SpasmStream.Worker;

namespace SpasmStream.Tests;

/// <summary>Who is told what became of a batch.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public void D3_Each_door_hears_of_its_own_once_in_order_and_of_neighbours_in_one_run()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var told = new List<(int Door, string Run)>();
            var doors = Enumerable.Range(1, 3).Select(door => (Acknowledge)((run, outcomes) =>
            {
                Assert.Equal(run.Length, outcomes.Length);
                var words = "";
                for (var i = 0; i < run.Length; i++)
                    words += $"{run[i].PacketId}:{outcomes[i].Reason} ";
                told.Add((door, words));
            })).ToArray();
            var through = Enumerable.Range(0, random.Next(12)).Select(_ => random.Next(4)).ToArray();
            var batch = through.Select((door, i) => Some.Bpm(i, 60) with
            {
                PacketId = (ushort)i, Acknowledge = door == 0 ? null : doors[door - 1],
            }).ToArray();

            Delivery.AcknowledgeAll(
                batch, batch.Select(it => new DeliveryOutcome($"r{it.PacketId}")).ToArray());

            Assert.Equal(Runs(through), told);
        }
    }

    [Fact]
    public void D3_What_was_kept_has_no_reason_and_is_no_news()
    {
        Assert.Null(DeliveryOutcome.Kept.Reason);
        Assert.False(DeliveryOutcome.Kept.IsNews);
    }

    /// <summary>The rule, one delivery at a time; 0 is nobody.</summary>
    static List<(int Door, string Run)> Runs(int[] through)
    {
        List<(int Door, string Run)> runs = [];
        for (var i = 0; i < through.Length; i++)
            if (i > 0 && through[i] == through[i - 1])
                runs[^1] = (through[i], runs[^1].Run + $"{i}:r{i} ");
            else
                runs.Add((through[i], $"{i}:r{i} "));
        runs.RemoveAll(run => run.Door == 0);
        return runs;
    }
}
