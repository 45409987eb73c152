using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Which hours are to be folded again: those in which a row has changed, and no others.</summary>
public sealed class DirtyHourTests : IDisposable
{
    const string Dirty = "SELECT hour, first, last, touches FROM dirty ORDER BY hour";
    static readonly Instant _now = Some.Start + Duration.FromDays(1);
    static readonly Instant _again = Some.Start + Duration.FromHours(2);

    readonly TempStore _store = new();

    [Fact]
    public async Task D5_The_same_messages_twice_leave_no_hour_to_fold()
    {
        await _store.AppendAsync(Messages(Some.Start + Duration.FromHours(1)));
        Assert.Equal(2, _store.Rows(Dirty).Count);
        await _store.FoldAsync(_now);

        await _store.AppendAsync(Messages(Some.Start + Duration.FromHours(1)));
        await _store.AppendAsync(Messages(_again));

        Assert.Empty(_store.Rows(Dirty));
        Assert.Equal("5|5|10", _store.Row("""
            SELECT (SELECT count(*) FROM sample),
                (SELECT value FROM counter WHERE name='SamplesStored'),
                (SELECT value FROM counter WHERE name='SamplesDuplicate')
            """));
    }

    [Fact]
    public async Task F30_Killed_between_commit_and_folding_the_hour_is_still_to_be_folded_after_redelivery()
    {
        await _store.AppendAsync(Messages(Some.Start + Duration.FromHours(1)));
        var before = _store.Rows(Dirty);
        _store.Close();

        await _store.AppendAsync(Messages(_again));

        Assert.Equal(before, _store.Rows(Dirty));
        await _store.FoldAsync(_now);
        Assert.Equal("2", _store.Row("SELECT count(*) FROM hour_summary"));
    }

    [Fact]
    public async Task D5_What_replaces_what_loses_and_what_was_received_earlier_changes_its_hour()
    {
        await _store.AppendAsync(Some.Bpm(0, 60, _again, rev: 1));
        foreach (var sent in new[]
        {
            Some.Bpm(0, 61, _again, rev: 2),
            Some.Bpm(0, 62, _again, rev: 0),
            Some.Bpm(0, 61, _again - Duration.FromMinutes(1), rev: 2),
        })
        {
            await _store.FoldAsync(_now);
            await _store.AppendAsync(sent);
            Assert.Single(_store.Rows(Dirty));
        }

        // None of the three is a duplicate to be left alone, but the last is counted as one.
        Assert.Equal("1", _store.Row("SELECT value FROM counter WHERE name='SamplesDuplicate'"));
    }

    [Fact]
    public async Task D5_Of_a_message_that_brings_something_new_only_its_hours_are_touched()
    {
        await _store.AppendAsync(Messages(Some.Start + Duration.FromHours(1)));
        await _store.FoldAsync(_now);

        await _store.AppendAsync(Some.Message(
            $$"""[{"v":1,"t":{{Some.Ms(0)}},"bpm":60},{"v":1,"t":{{Some.Ms(3700)}},"bpm":70}]""", _again));

        Assert.Equal($"{Some.Ms(3600) / 3_600_000}", _store.Row("SELECT hour FROM dirty"));
    }

    public void Dispose() => _store.Dispose();

    // Plain ones, a column over two hours, and one under an id.
    static Delivery[] Messages(Instant received) =>
    [
        Some.Bpm(0, 60, received), Some.Bpm(1, 61, received),
        Some.Message(
            $$"""{"v":1,"t0":{{Some.Ms(3599)}},"step":2000,"bpm":[62,63]}""", received),
        Some.Message($$"""{"v":1,"id":"a","t":{{Some.Ms(5)}},"bpm":64}""", received),
    ];
}
