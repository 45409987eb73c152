using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>What a value says of itself, where several are sent for one key.</summary>
public sealed class RivalTests
{
    public static TheoryData<SampleFlags, int?, double?> Others => new()
    {
        { SampleFlags.Moving, 60, 0.5 },
        { SampleFlags.OffSkin | SampleFlags.Moving, 60, 0.5 },
        { SampleFlags.OffSkin, 120, 0.5 },
        { SampleFlags.OffSkin, null, 0.5 },
        { SampleFlags.OffSkin, 60, 0.9 },
        { SampleFlags.OffSkin, 60, null },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public async Task D5_One_value_told_twice_within_a_millisecond_leaves_one_row_in_any_order(
        SampleFlags flags, int? offset, double? quality)
    {
        var one = Said(60, SampleFlags.OffSkin, 60, 0.5);
        var other = Said(60, flags, offset, quality);
        using var first = new TempStore();
        using var second = new TempStore();

        await PutAsync(first, one, other);
        await PutAsync(second, other, one);

        Assert.Equal(Row(first, "sample"), Row(second, "sample"));
        Assert.Empty(first.Rows("SELECT * FROM sample_superseded"));
    }

    [Fact]
    public async Task D5_What_a_value_says_of_itself_stays_with_it_when_another_one_wins()
    {
        using var store = new TempStore();
        var one = Said(60, SampleFlags.Moving, 60, 0.5);
        var later = Said(61, SampleFlags.None, null, null) with { Received = one.Received + Minute };

        await PutAsync(store, one, later);

        Assert.Equal("61.0|0||", Row(store, "sample"));
        Assert.Equal("60.0|2|0.5|60", Row(store, "sample_superseded"));
        await PutAsync(store, one with { Revision = 1, Value = 62 });
        Assert.Equal("62.0|2|0.5|60", Row(store, "sample"));
    }

    [Fact]
    public async Task D5_What_is_taken_back_is_marked_and_what_stands_again_is_not()
    {
        using var store = new TempStore();
        var (early, late) = (Said(60, SampleFlags.Moving, 60, 0.5), Said(61, SampleFlags.OffSkin, 60, 0.5));

        await store.RunAsync(session =>
        {
            var (series, key) = KeyOf(session, early);
            session.Samples.Put(series, early, fact: 1, gone: null);
            session.Samples.Put(series, late with { Received = early.Received + Minute }, 2, null);
            session.Samples.TakeBack(key, fact: 2, gone: 7);
            return 0;
        });

        Assert.Equal("60.0|2|0.5|60", Row(store, "sample"));
        Assert.Equal("61.0|513|0.5|60", Row(store, "sample_superseded"));
        await store.RunAsync(session =>
        {
            session.Samples.TakeBack(KeyOf(session, early).Key, fact: 2, gone: null);
            return 0;
        });
        Assert.Equal("61.0|1|0.5|60", Row(store, "sample"));
    }

    [Fact]
    public async Task D5_What_stands_can_be_forwarded_again_and_where_nothing_stands_nothing_is()
    {
        using var store = new TempStore(new StoreOptions { ForwardTarget = "one" });
        using var influx = new ModelInflux(store);
        var sample = Said(60, SampleFlags.Moving, 60, 0.5);
        await PutAsync(store, sample, sample with { Value = 61, Revision = 1 });
        await influx.DrainAsync();
        Assert.Equal(ModelInflux.Standing(store), influx.Held);
        var before = influx.Taken;

        var told = await store.RunAsync(session =>
        {
            var (_, key) = KeyOf(session, sample);
            return (session.Samples.ForwardAgain(key), session.Samples.ForwardAgain(key with { Start = 1 }));
        });
        await influx.DrainAsync();

        Assert.Equal((true, false), told);
        Assert.Equal(before + 1, influx.Taken);
        Assert.Equal(ModelInflux.Standing(store), influx.Held);
    }

    static readonly Duration Minute = Duration.FromMinutes(1);

    static Sample Said(double value, SampleFlags flags, int? offset, double? quality) =>
        Some.Sample(value, received: 100, quality: quality) with { Flags = flags, OffsetMinutes = offset };

    static string Row(TempStore store, string table) =>
        store.Row($"SELECT value, flags, q, off FROM {table}");

    static (long Series, SampleKey Key) KeyOf(WriteSession session, Sample sample)
    {
        var series = session.Names.Series(
            session.Names.Wearer(new WearerId("ada"), Some.Start), sample.Series);
        return (series, new SampleKey(
            series, sample.Series.Signal, sample.Start.ToUnixTimeMilliseconds(), Duration: 0));
    }

    static Task<int> PutAsync(TempStore store, params Sample[] samples) => store.RunAsync(session =>
    {
        foreach (var sample in samples)
            session.Samples.Put(KeyOf(session, sample).Series, sample);
        return 0;
    });
}
