using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>How long the objects stay that were sent under an id.</summary>
public sealed class SpentVersionsTests
{
    static readonly StoreOptions _options = new();

    // Some.Start is 21:00 on 8 March.
    static readonly Instant _now = Some.Start + Duration.FromDays(100);

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    public async Task S26_A_version_with_an_id_goes_with_its_last_sample_and_a_withdrawal_never(int rows)
    {
        using var store = new TempStore();
        var hour = Duration.FromHours(1);
        await store.AppendAsync(
            Fact("gone", 0, 0, 0), Fact("gone", 0, 1, 60),
            // One sample of it is young yet.
            Fact("half", 10, 0, 6600, 7800),
            // Its samples are gone, but without it the one before it would stand again.
            Fact("moved", 20, 0, 7800), Fact("moved", 20, 1, 0),
            Fact("young", 30, 0, 0) with { Received = Some.Start + hour * 3 },
            Some.Message("""{"v":1,"op":"delete","id":"back","rev":3}"""));
        await store.FoldAsync(_now);
        var ids = store.Rows("SELECT id FROM sample_fact");

        // The limit is 23:00, of receipts too.
        await store.Writer.ThinAsync(Some.Start + Duration.FromDays(90) + hour * 2, _options, rows);

        Assert.Equal(["back", "gone", "gone", "half", "moved", "moved", "young"], ids.Order());
        Assert.Equal(["back|3", "half|0", "moved|0", "moved|1", "young|0"],
            store.Rows("SELECT id, rev FROM sample_fact ORDER BY id, rev"));
    }

    [Fact]
    public async Task S26_What_is_sent_of_the_variability_of_heart_rate_keeps_its_object_as_long_as_its_row()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Message(
            $$"""{"v":1,"id":"n","t":{{Some.Ms(0)}},"dur":300000,"rmssd":40}""",
            topic: "spasmstream/v1/in/ada/watch/hrv"));
        await store.FoldAsync(_now);

        await store.Writer.ThinAsync(_now, _options);
        Assert.Equal("1|1", store.Row(
            "SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM sample_fact)"));

        await store.Writer.ThinAsync(_now + Duration.FromDays(_options.MinuteDays), _options);
        Assert.Equal("0|0", store.Row(
            "SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM sample_fact)"));
    }

    static Delivery Fact(string id, int second, int rev, params int[] at) => Some.Message($$"""
        {"v":1,"id":"{{id}}","rev":{{rev}},"t0":{{Some.Ms(at[0] + second)}},
            "dt":[{{string.Join(',', at.Select(s => 1000 * (s - at[0])))}}],
            "bpm":[{{string.Join(',', at.Select(_ => 60))}}]}
        """);
}
