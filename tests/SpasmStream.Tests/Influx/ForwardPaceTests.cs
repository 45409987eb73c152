using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Influx;

/// <summary>How long is waited, how much is sent at once, and how bad lines are found.</summary>
public sealed class ForwardPaceTests
{
    static readonly SortedAnswer _wait = new(NextStep.Wait);

    [Theory]
    [InlineData(1, 20)]
    [InlineData(500, 30)]
    [InlineData(4_999, 100)]
    [InlineData(5_000, 0)]
    public void A_batch_follows_the_sooner_the_less_there_is_and_at_once_when_there_is_more(
        int points, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), ForwardPace.Gather(points, 5_000));

    [Fact]
    public void I11_Waits_grow_to_a_minute_and_begin_small_again()
    {
        var pace = new ForwardPace(1024, () => 1);

        double[] waits = [.. Enumerable.Range(0, 7).Select(_ => pace.After(_wait).TotalSeconds)];
        pace.Succeeded();

        Assert.Equal([1, 3, 9, 27, 60, 60, 60], waits);
        Assert.Equal(TimeSpan.FromSeconds(1), pace.After(_wait));
    }

    [Fact]
    public void I11_Two_who_were_cut_off_together_do_not_come_back_together()
    {
        var random = new Random(7);
        var (one, other) = (new ForwardPace(1, random.NextDouble), new ForwardPace(1, random.NextDouble));

        var waits = Enumerable.Range(0, 20).Select(_ => (one.After(_wait), other.After(_wait))).ToList();

        Assert.All(waits, wait => Assert.InRange(wait.Item1, ForwardPace.First, ForwardPace.Longest));
        Assert.All(waits.Take(4), wait => Assert.NotEqual(wait.Item1, wait.Item2));
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(0, 0.5)]
    [InlineData(299, 299)]
    [InlineData(1_000_000_000, 300)]
    public void F21_It_is_never_asked_sooner_than_allowed_and_five_minutes_are_the_most(
        int asked, double waited) => Assert.Equal(TimeSpan.FromSeconds(waited),
        new ForwardPace(1, () => 0).After(_wait with { Asked = TimeSpan.FromSeconds(asked) }));

    [Fact]
    public void I7_What_somebody_has_to_repair_is_tried_every_thirty_seconds() => Assert.Equal(
        TimeSpan.FromSeconds(30), new ForwardPace(1, () => 1).After(AnswerSort.Paused("x")));

    [Fact]
    public void I6_What_was_too_large_is_remembered()
    {
        var pace = new ForwardPace(1_000_000, () => 0);

        pace.TooLarge(500_000);
        pace.TooLarge(800_000);
        Assert.Equal(250_000, pace.BytesMost);
        pace.TooLarge(1);
        Assert.Equal(1, pace.BytesMost);
    }

    [Theory]
    [InlineData(5000, 1)]
    [InlineData(5000, 2)]
    [InlineData(5000, 50)]
    [InlineData(4999, 7)]
    [InlineData(2, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    public void F24_Bad_lines_are_found_with_few_requests(int lines, int bad)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var wrong = new SortedSet<int>();
            while (wrong.Count < bad)
                wrong.Add(random.Next(lines));
            var (requests, sent) = (1, new List<int>());
            var search = new Bisection(0, lines, "type_conflict");
            while (search.Next(out var from, out var to))
            {
                requests++;
                if (wrong.GetViewBetween(from, to - 1).Count > 0)
                    search.Refused("type_conflict");
                else
                    sent.AddRange(Enumerable.Range(from, to - from));
            }

            Assert.Equal(wrong, search.Bad.Select(point => point.Index));
            Assert.Equal(Enumerable.Range(0, lines).Except(wrong), sent);
            Assert.InRange(requests, 1, (2 * bad * Math.Ceiling(Math.Log2(Math.Max(2, lines)))) + 1);
        }
    }

    [Fact]
    public void D8_What_is_said_of_a_bad_line_is_short_and_has_no_value() => Assert.All(
        new[] { "type_conflict", "unreadable", "refused", "too_large", "beyond_retention", "number" },
        code => Assert.InRange(Bisection.DetailOf(code).Length, 1, 200));
}
