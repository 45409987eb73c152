using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

public sealed class StepsDecodingTests
{
    [Theory]
    [InlineData("\"dur\":60000,\"steps\":-1", "range:steps")]
    [InlineData("\"steps\":10", "missing:dur")]
    [InlineData("\"dur\":0,\"steps\":10", "range:dur")]
    [InlineData("\"dur\":60000,\"steps\":10,\"stat\":\"mean\"", "range:stat")]
    public void B43_Steps_are_a_count_over_a_stretch(string members, string reason) =>
        Wire.AssertRefused(Wire.Steps, $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""", reason);

    [Theory]
    [InlineData(0, 60_000, SampleFlags.None)]
    [InlineData(300, 60_000, SampleFlags.None)]
    [InlineData(301, 60_000, SampleFlags.Implausible)]
    [InlineData(3_000, 600_000, SampleFlags.None)]
    [InlineData(255, 60_000, SampleFlags.None)]
    [InlineData(1_000_000_000, 60_000, SampleFlags.Implausible)]
    public void B43_More_than_300_a_minute_are_kept_and_flagged(double steps, long durationMs,
        SampleFlags flags)
    {
        var sample = Wire.OneSample(
            Wire.Steps, $$"""{"v":1,"t":{{Wire.Ms}},"dur":{{durationMs}},"steps":{{steps}}}""");

        Assert.Equal((steps, flags, Stat.Sum), (sample.Value, sample.Flags, sample.Series.Stat));
    }

    [Fact]
    public void A_regular_column_of_steps_lasts_its_step()
    {
        var decoded = Wire.Decode(Wire.Steps,
            $$"""{"v":1,"t0":{{Wire.Ms}},"step":60000,"steps":[0,87,null]}""");

        Assert.Equal([0, 87], decoded.Samples.Select(s => s.Value));
        Assert.All(decoded.Samples, s => Assert.Equal(Duration.FromMinutes(1), s.Duration));
    }

    [Fact]
    public void B43_A_counter_is_a_reading_and_when_it_began()
    {
        var decoded = Wire.Decode(Wire.Steps,
            $$"""{"v":1,"t":{{Wire.Ms}},"total":8123,"since":"2026-03-08T00:00:00+01:00"}""");

        Assert.Empty(decoded.Rejections);
        Assert.Equal(
            [(Signal.StepCounter, 8123), (Signal.StepCounterSince, 1_772_924_400_000)],
            decoded.Samples.Select(s => (s.Series.Signal, s.Value)));
        Assert.All(decoded.Samples, s => Assert.Equal(
            (Stat.Last, Duration.Zero, Wire.Ms, SampleFlags.None),
            (s.Series.Stat, s.Duration, s.Start.ToUnixTimeMilliseconds(), s.Flags)));
        Wire.AssertRoundTrip(decoded);
    }

    [Fact]
    public void B43_A_column_of_readings_shares_its_beginning()
    {
        var decoded = Wire.Decode(Wire.Steps, $$"""
            {"v":1,"t0":{{Wire.Ms}},"step":60000,"total":[8123,null,8201],"since":{{Wire.Ms - 1000}}}
            """);

        Assert.Equal(
            [8123, 8201, Wire.Ms - 1000, Wire.Ms - 1000], decoded.Samples.Select(s => s.Value));
        Wire.AssertRoundTrip(decoded);
    }

    [Theory]
    [InlineData("\"total\":1000000000", null)]
    [InlineData("\"total\":0", null)]
    [InlineData("\"total\":null,\"steps\":5,\"dur\":60000", null)]
    [InlineData("\"total\":-1", "range:total")]
    [InlineData("\"total\":1000000001", "range:total")]
    [InlineData("\"total\":\"8123\"", "type:total")]
    [InlineData("\"total\":8123,\"steps\":5,\"dur\":60000", "columns")]
    [InlineData("\"total\":8123,\"stat\":\"sum\"", "range:stat")]
    [InlineData("\"total\":8123,\"dur\":60000", "range:dur")]
    [InlineData("\"total\":8123,\"since\":1773003600001", "interval")]
    [InlineData("\"total\":8123,\"since\":\"2015-01-01T00:00:00Z\"", "interval")]
    [InlineData("\"total\":8123,\"since\":5", "timestamp")]
    [InlineData("\"total\":8123,\"since\":\"today\"", "timestamp")]
    [InlineData("\"total\":8123,\"since\":true", "type:since")]
    public void B43_A_counter_that_cannot_be_is_refused(string members, string? reason)
    {
        var json = $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""";
        if (reason is null)
            Assert.Single(Wire.Decode(Wire.Steps, json).Samples);
        else
            Wire.AssertRefused(Wire.Steps, json, reason);
    }
}
