using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

/// <summary>Heart rate variability of a window.</summary>
public sealed class HrvDecodingTests
{
    static string Hrv(string members) => $$"""{"v":1,"t":{{Wire.Ms}},"dur":300000,{{members}}}""";

    [Fact]
    public void A_window_makes_a_sample_of_each_measure()
    {
        var decoded = Wire.Decode(Wire.Hrv, Hrv("\"rmssd\":38.2,\"sdnn\":51.0,\"n\":341,\"ctx\":\"sleep\""));

        Assert.Equal(
            [(Signal.HrvRmssd, 38.2), (Signal.HrvSdnn, 51), (Signal.HrvBeats, 341)],
            decoded.Samples.Select(s => (s.Series.Signal, s.Value)));
        Assert.All(decoded.Samples, s => Assert.Equal(
            (Stat.Raw, SampleFlags.Asleep, Duration.FromMinutes(5)),
            (s.Series.Stat, s.Flags, s.Duration)));
        Wire.AssertRoundTrip(decoded);
    }

    [Fact]
    public void A_night_is_a_column()
    {
        var decoded = Wire.Decode(Wire.Hrv,
            $$"""{"v":1,"t0":{{Wire.Ms}},"step":300000,"rmssd":[38,null,41.5],"n":[341,12,338]}""");

        Assert.Equal([38, 41.5, 341, 12, 338], decoded.Samples.Select(s => s.Value));
        Wire.AssertRoundTrip(decoded);
    }

    [Fact]
    public void Another_context_is_counted_and_no_flag()
    {
        var decoded = Wire.Decode(Wire.Hrv, Hrv("\"rmssd\":38.2,\"ctx\":\"rest\""));

        Assert.Equal(SampleFlags.None, Assert.Single(decoded.Samples).Flags);
        Assert.Equal(1, decoded.UnknownMembers);
    }

    [Theory]
    [InlineData("0.9", SampleFlags.Implausible)]
    [InlineData("1", SampleFlags.None)]
    [InlineData("300", SampleFlags.None)]
    [InlineData("301", SampleFlags.Implausible)]
    [InlineData("2000", SampleFlags.Implausible)]
    public void B13_What_is_hard_to_believe_is_kept_and_flagged(string value, SampleFlags flags)
    {
        Assert.Equal(flags, Wire.OneSample(Wire.Hrv, Hrv($"\"rmssd\":{value}")).Flags);
        Assert.Equal(flags, Wire.OneSample(Wire.Hrv, Hrv($"\"sdnn\":{value}")).Flags);
    }

    [Fact]
    public void B13_Zero_is_a_gap() =>
        Assert.Equal(0, Wire.Decode(Wire.Hrv, Hrv("\"rmssd\":0,\"sdnn\":null")) is var decoded
            ? decoded.Samples.Count + decoded.Rejections.Count : -1);

    [Theory]
    [InlineData("\"rmssd\":5000", "range:rmssd")]
    [InlineData("\"rmssd\":-1", "range:rmssd")]
    [InlineData("\"rmssd\":40,\"sdnn\":2001", "range:sdnn")]
    [InlineData("\"rmssd\":40,\"n\":-1", "range:n")]
    [InlineData("\"rmssd\":40,\"n\":1.5", "range:n")]
    [InlineData("\"rmssd\":\"40\"", "type:rmssd")]
    [InlineData("\"rmssd\":40,\"ctx\":1", "type:ctx")]
    [InlineData("\"rmssd\":40,\"stat\":\"mean\"", "range:stat")]
    [InlineData("\"n\":341", "missing:rmssd")]
    [InlineData("\"rmssd\":40,\"n\":[341]", "columns")]
    public void B13_B14_A_variability_that_cannot_be_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Hrv, Hrv(members), reason);

    [Theory]
    [InlineData("", "missing:dur")]
    [InlineData("\"dur\":0,", "range:dur")]
    [InlineData("\"dur\":172800001,", "range:dur")]
    public void A_window_has_a_length(string members, string reason) =>
        Wire.AssertRefused(Wire.Hrv, $$"""{"v":1,"t":{{Wire.Ms}},{{members}}"rmssd":40}""", reason);
}
