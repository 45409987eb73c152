namespace SpasmStream.Tests.Decoding;

/// <summary>Arrays and columns.</summary>
public sealed class BatchDecodingTests
{
    [Fact]
    public void B15_Fifty_thousand_samples_are_the_most()
    {
        string Column(int count) =>
            $"{{\"v\":1,\"t0\":{Wire.Ms - 60_000_000},\"step\":1000,"
            + $"\"bpm\":[{string.Join(',', Enumerable.Repeat("61", count))}]}}";

        Assert.Equal(50_000, Wire.Decode(Wire.HeartRate, Column(50_000)).Samples.Count);
        Wire.AssertRefused(Wire.HeartRate, Column(50_001), "batch_size");
        Wire.AssertRefused(Wire.HeartRate, $"[{Column(25_000)},{Column(25_001)}]", "batch_size");
        Wire.AssertRefused(Wire.HeartRate, $"[{string.Join(',', Enumerable.Repeat("{}", 50_001))}]",
            "batch_size");
    }

    [Fact]
    public void B15_Intervals_and_windows_count_like_any_sample()
    {
        string Values(int count) => string.Join(',', Enumerable.Repeat("800", count));
        string Rr(int count) => $"{{\"v\":1,\"t0\":{Wire.Ms - 60_000_000},\"rr\":[{Values(count)}]}}";
        string Hrv(int count) => $"{{\"v\":1,\"t0\":{Wire.Ms - 60_000_000},\"step\":1000,"
            + $"\"rmssd\":[{Values(count)}],\"n\":[{Values(count)}]}}";

        Assert.Equal(50_000, Wire.Decode(Wire.Rr, Rr(50_000)).Samples.Count);
        Wire.AssertRefused(Wire.Rr, Rr(50_001), "batch_size");
        Wire.AssertRefused(Wire.Hrv, Hrv(25_001), "batch_size");
    }

    [Theory]
    [InlineData("[]", "empty")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"step\":1,\"bpm\":[]}", "empty")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"dt\":[0,1],\"bpm\":[61]}", "columns")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"dt\":0,\"bpm\":[61]}", "columns")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"bpm\":[61]}", "columns")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"dt\":[0],\"step\":1,\"bpm\":[61]}", "columns")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"step\":1,\"bpm\":[61]}", "columns")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"t0\":1773003600000,\"bpm\":61}", "columns")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"bpm\":61}", "columns")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"step\":1,\"bpm\":[61,62],\"min\":[60]}", "columns")]
    [InlineData("{\"v\":1,\"t0\":1773003600000,\"step\":1,\"bpm\":[61],\"min\":60}", "columns")]
    public void B15_Columns_fit_each_other_and_hold_something(string json, string reason) =>
        Wire.AssertRefused(Wire.HeartRate, json, reason);

    [Fact]
    public void B16_Three_bad_objects_of_a_hundred_cost_three_samples()
    {
        var objects = Enumerable.Range(0, 100).Select(i => i switch
        {
            3 => Wire.Bpm("\"x\""),
            50 => "{}",
            99 => "7",
            _ => $$"""{"v":1,"t":{{Wire.Ms + i}},"bpm":61}""",
        });

        var decoded = Wire.Decode(Wire.HeartRate, $"[{string.Join(',', objects)}]");

        Assert.Equal(97, decoded.Samples.Count);
        Assert.Equal(
            [("type:bpm", 3), ("missing:v", 50), ("json", 99)],
            decoded.Rejections.Select(r => (r.Reason, r.Index ?? -1)));
    }

    [Fact]
    public void B16_Bad_positions_of_a_column_cost_themselves()
    {
        var decoded = Wire.Decode(Wire.HeartRate, $$"""
            {"v":1,"t0":{{Wire.Ms}},"dt":[0,1,2,3,4,null,9000000,-1,8,1.5],"bpm":[61,
             "x",401,1e999,62,63,64,65,66,67]}
            """);

        Assert.Equal([61, 62, 66], decoded.Samples.Select(s => s.Value));
        Assert.Equal(
            [(1, "type:bpm"), (2, "range:bpm"), (3, "number"), (5, "type:dt"), (6, "future"), (7, "range:dt"),
                (9, "range:dt")],
            decoded.Rejections.Select(r => (r.Index ?? -1, r.Reason)).Order());
    }
}
