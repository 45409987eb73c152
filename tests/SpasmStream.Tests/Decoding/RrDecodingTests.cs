using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

/// <summary>Intervals between heartbeats.</summary>
public sealed class RrDecodingTests
{
    static string Rr(string members) => $$"""{"v":1,"t0":{{Wire.Ms}},{{members}}}""";

    static (long At, long Length, double Value)[] Places(string json)
    {
        var decoded = Wire.Decode(Wire.Rr, json);
        Assert.Empty(decoded.Rejections);
        Assert.All(decoded.Samples, s => Assert.Equal(
            new Series("watch", Signal.RrInterval, Stat.Raw, ""), s.Series));
        Wire.AssertRoundTrip(decoded);
        return [.. decoded.Samples.Select(s => (
            s.Start.ToUnixTimeMilliseconds() - Wire.Ms, (long)s.Duration.TotalMilliseconds, s.Value))];
    }

    [Fact]
    public void A_chain_runs_on_from_the_beat_that_opens_it() =>
        Assert.Equal([(0, 822, 822.3), (822, 796, 795.9)], Places(Rr("\"rr\":[822.3,795.9]")));

    [Fact]
    public void A_chain_runs_back_from_the_beat_that_closes_it() =>
        Assert.Equal(
            [(-1618, 822, 822.3), (-796, 796, 795.9)],
            Places(Rr("\"rr\":[822.3,795.9],\"anchor\":\"last\"")));

    [Fact]
    public void Fractions_do_not_add_up_to_an_error()
    {
        var places = Places(Rr($"\"rr\":[{string.Join(',', Enumerable.Repeat("800.4", 1_000))}]"));

        Assert.Equal(799_600, places[^1].At);
    }

    [Fact]
    public void A_gap_needs_ends_and_costs_only_itself()
    {
        Assert.Equal(
            [(0, 822, 822), (822, 796, 796), (3290, 810, 810)],
            Places(Rr("\"rr\":[822,796,null,810],\"dt\":[822,1618,null,4100]")));
        Wire.AssertRefused(Wire.Rr, Rr("\"rr\":[822,796,null,810]"), "missing:dt");
    }

    [Fact]
    public void Ends_lie_before_the_beat_that_closes_the_last() =>
        Assert.Equal(
            [(-4822, 822, 822), (-810, 810, 810)],
            Places(Rr("\"rr\":[822,810],\"dt\":[-4000,0],\"anchor\":\"last\"")));

    [Fact]
    public void One_interval_is_a_number()
    {
        Assert.Equal([(0, 822, 822.3)], Places($$"""{"v":1,"t":{{Wire.Ms}},"rr":822.3}"""));
        Assert.Equal(
            [(-822, 822, 822.3)], Places($$"""{"v":1,"t":{{Wire.Ms}},"rr":822.3,"anchor":"last"}"""));
        Assert.Empty(Places($$"""{"v":1,"t":{{Wire.Ms}},"rr":null}"""));
    }

    [Fact]
    public void B16_Beyond_a_refused_interval_a_chain_cannot_be_placed()
    {
        var decoded = Wire.Decode(Wire.Rr, Rr("\"rr\":[800,9000,810,820]"));
        var back = Wire.Decode(Wire.Rr, Rr("\"rr\":[800,\"x\",810,820],\"anchor\":\"last\""));
        var placed = Wire.Decode(Wire.Rr, Rr("\"rr\":[800,9000,810],\"dt\":[800,9800,10610]"));

        Assert.Equal([800], decoded.Samples.Select(s => s.Value));
        Assert.Equal(
            [(1, "range:rr"), (2, "missing:dt"), (3, "missing:dt")],
            decoded.Rejections.Select(r => (r.Index ?? -1, r.Reason)));
        Assert.Equal([810, 820], back.Samples.Select(s => s.Value));
        Assert.Equal(
            [(0, "missing:dt"), (1, "type:rr")],
            back.Rejections.Select(r => (r.Index ?? -1, r.Reason)).Order());
        Assert.Equal([800, 810], placed.Samples.Select(s => s.Value));
    }

    [Theory]
    [InlineData("249.9", SampleFlags.Implausible)]
    [InlineData("250", SampleFlags.None)]
    [InlineData("2500", SampleFlags.None)]
    [InlineData("2500.1", SampleFlags.Implausible)]
    [InlineData("5000", SampleFlags.Implausible)]
    public void B13_What_is_hard_to_believe_is_kept_and_flagged(string rr, SampleFlags flags) =>
        Assert.Equal(flags, Wire.OneSample(Wire.Rr, Rr($"\"rr\":[{rr}]")).Flags);

    [Theory]
    [InlineData("\"t\":1773003600000,\"rr\":0", "range:rr")]
    [InlineData("\"t\":1773003600000,\"rr\":-1", "range:rr")]
    [InlineData("\"t\":1773003600000,\"rr\":5000.1", "range:rr")]
    [InlineData("\"t\":1773003600000,\"rr\":\"822\"", "type:rr")]
    [InlineData("\"t\":1773003600000,\"rr\":1e999", "number")]
    [InlineData("\"t\":1773003600000", "missing:rr")]
    [InlineData("\"rr\":822", "missing:t")]
    [InlineData("\"rr\":[822]", "missing:t0")]
    [InlineData("\"t0\":1773003600000,\"rr\":[]", "empty")]
    [InlineData("\"t0\":1773003600000,\"t\":1773003600000,\"rr\":[800]", "columns")]
    [InlineData("\"t0\":1773003600000,\"rr\":[800],\"dt\":[800,900]", "columns")]
    [InlineData("\"t0\":1773003600000,\"rr\":800,\"dt\":800", "columns")]
    [InlineData("\"t0\":1773003600000,\"rr\":[800],\"anchor\":\"middle\"", "range:anchor")]
    [InlineData("\"t\":1773009300000,\"rr\":800", "future")]
    [InlineData("\"t\":1773003600,\"rr\":800", "timestamp")]
    [InlineData("\"t\":\"2026-01-01T00:00:00Z\",\"rr\":800", "too_old")]
    public void B10_B13_B14_What_cannot_be_placed_or_cannot_be_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Rr, $$"""{"v":1,{{members}}}""", reason);

    [Fact]
    public void Ends_that_are_no_offsets_are_refused_by_position()
    {
        var decoded = Wire.Decode(Wire.Rr,
            Rr("\"rr\":[800,800,800,800,800],\"dt\":[800,1600.5,null,-1,9000000]"));

        Assert.Single(decoded.Samples);
        Assert.Equal(
            [(1, "range:dt"), (2, "type:dt"), (3, "range:dt"), (4, "future")],
            decoded.Rejections.Select(r => (r.Index ?? -1, r.Reason)));
    }
}
