using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class GapTableTests : IDisposable
{
    const string All = "SELECT cause, start, end, lost FROM gap ORDER BY start, cause";

    readonly TempStore _store = new();

    [Fact]
    public async Task D9_Drops_closer_than_a_minute_are_one_gap_with_their_sum()
    {
        await DropAsync(0, 10, 100);
        await DropAsync(70, 75, 20);
        await DropAsync(200, 201, 3);

        Assert.Equal([$"qos0_dropped|{Some.Ms(0)}|{Some.Ms(75)}|120",
            $"qos0_dropped|{Some.Ms(200)}|{Some.Ms(201)}|3"], _store.Rows(All));
        Assert.Equal("123", _store.Row("SELECT value FROM counter WHERE name='DroppedQos0'"));
    }

    [Fact]
    public async Task D9_One_stretch_between_two_joins_both()
    {
        await DropAsync(0, 10, 1);
        await DropAsync(100, 110, 2);
        await DropAsync(60, 61, 4);

        Assert.Equal([$"qos0_dropped|{Some.Ms(0)}|{Some.Ms(110)}|7"], _store.Rows(All));
    }

    [Fact]
    public async Task D9_The_same_stretch_told_twice_is_one_row_and_causes_stay_apart()
    {
        for (var i = 0; i < 2; i++)
            await _store.RunAsync(session =>
            {
                GapTable.Record(session, GapCause.ClockStep, Some.Start, Some.Start + Duration.FromHours(1));
                GapTable.Record(
                    session, GapCause.StoreQuarantined, Some.Start, Some.Start + Duration.FromHours(2));
                return 0;
            });

        Assert.Equal([$"clock_step|{Some.Ms(0)}|{Some.Ms(3600)}|",
            $"store_quarantined|{Some.Ms(0)}|{Some.Ms(7200)}|"], _store.Rows(All));
    }

    [Fact]
    public async Task D9_A_gap_that_goes_on_is_opened_once_and_closed_once()
    {
        await _store.RunAsync(session =>
        {
            GapTable.Open(session, GapCause.SessionLost, Some.Start);
            GapTable.Open(session, GapCause.SessionExpired, Some.Start + Duration.FromHours(1));
            return 0;
        });
        Assert.Equal([$"session_lost|{Some.Ms(0)}||"], _store.Rows(All));

        foreach (var second in new[] { 30, 90 })
            await _store.RunAsync(session =>
            {
                GapTable.Close(session, Some.Start + Duration.FromSeconds(second));
                return 0;
            });

        Assert.Equal([$"session_lost|{Some.Ms(0)}|{Some.Ms(30)}|"], _store.Rows(All));
    }

    [Fact]
    public async Task D9_Gaps_of_all_and_of_the_wearer_are_read_from_where_they_reach_past()
    {
        await _store.AppendAsync(Some.Bpm(0, 60));
        await DropAsync(0, 10, 1);
        await DropAsync(1000, 1010, 2);
        await _store.RunAsync(session => session.Execute(
            "INSERT INTO gap(wearer, cause, start, end) VALUES(1, 'clock_step', $s, $e)",
            ("$s", Some.Ms(2000)), ("$e", Some.Ms(2010))));
        using var reader = _store.File.OpenReader();

        var mine = GapTable.Since(reader, wearer: 1, Some.Start + Duration.FromSeconds(20));
        var others = GapTable.Since(reader, wearer: 2, Some.Start + Duration.FromSeconds(20));

        Assert.Equal(["qos0_dropped", "clock_step"], mine.Select(gap => gap.Cause));
        Assert.Equal(2, Assert.Single(others).Lost);
    }

    public void Dispose() => _store.Dispose();

    Task<int> DropAsync(int first, int last, long count) => _store.RunAsync(session =>
    {
        Dropping.Write(session, new Drops(
            count, Some.Start + Duration.FromSeconds(first), Some.Start + Duration.FromSeconds(last)));
        return 0;
    });
}
