using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

public sealed class StepsDecodingTests
{
    [Theory]
    [InlineData("\"dur\":60000,\"steps\":-1", "range:steps")]
    [InlineData("\"steps\":10", "missing:dur")]
    [InlineData("\"dur\":0,\"steps\":10", "range:dur")]
    [InlineData("\"dur\":60000,\"steps\":10,\"stat\":\"mean\"", "range:stat")]
    [InlineData("\"total\":8123,\"since\":\"2026-03-07T00:00:00+01:00\"", "unsupported")]
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
}
