using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

/// <summary>The bytes of Bluetooth's heart rate measurement.</summary>
public sealed class Raw2A37Tests
{
    [Fact]
    public void The_worked_bytes_are_a_rate_and_two_intervals_that_end_at_the_receipt()
    {
        var decoded = Wire.Decode(Wire.Raw2A37, Convert.FromHexString("163D4A032F03"));

        Assert.Empty(decoded.Rejections);
        Assert.False(decoded.HasOwnInstant);
        Assert.Equal(
            [(Signal.HeartRate, 61, 0, 0), (Signal.RrInterval, 822.265625, -1618, 822),
                (Signal.RrInterval, 795.8984375, -796, 796)],
            decoded.Samples.Select(s => (s.Series.Signal, s.Value,
                (int)(s.Start - Wire.Received).TotalMilliseconds, (int)s.Duration.TotalMilliseconds)));
        Assert.All(decoded.Samples, s => Assert.Equal(SampleFlags.None, s.Flags));
        Wire.AssertRoundTrip(decoded);
    }

    [Theory]
    [InlineData("\"hex\":\"16 3D 4A 03 2F 03\"")]
    [InlineData("\"hex\":\"16:3d:4a:03:2f:03\"")]
    [InlineData("\"base64\":\"Fj1KAy8D\"")]
    public void The_same_bytes_as_text_have_their_own_time(string member)
    {
        var decoded = Wire.Decode(Wire.Raw2A37,
            $$"""{"v":1,"t":"2026-03-08T22:00:00+01:00",{{member}},"src":"esp32"}""");

        Assert.Empty(decoded.Rejections);
        Assert.True(decoded.HasOwnInstant);
        Assert.Equal([Wire.Ms, Wire.Ms - 1618, Wire.Ms - 796],
            decoded.Samples.Select(s => s.Start.ToUnixTimeMilliseconds()));
        Assert.All(decoded.Samples, s => Assert.Equal(("esp32", 60), (s.Series.Source, s.OffsetMinutes)));
    }

    [Theory]
    [InlineData("003D", 61)]
    [InlineData("013D00", 61)]
    [InlineData("012C01", 300)]
    [InlineData("083D1027", 61)]
    [InlineData("093D001027", 61)]
    [InlineData("0A7B0000", 123)]
    [InlineData("097B000000", 123)]
    [InlineData("103D", 61)]
    public void Every_form_of_the_rate_is_read(string hex, double rate) =>
        Assert.Equal(rate, OneSample(hex).Value);

    [Theory]
    [InlineData("043D", SampleFlags.OffSkin)]
    [InlineData("063D", SampleFlags.None)]
    [InlineData("023D", SampleFlags.None)]
    public void Contact_that_is_known_and_lost_is_off_the_skin(string hex, SampleFlags flags) =>
        Assert.Equal(flags, OneSample(hex).Flags);

    [Fact]
    public void No_contact_marks_the_intervals_too() =>
        Assert.All(
            Wire.Decode(Wire.Raw2A37, Convert.FromHexString("143D4A03")).Samples,
            s => Assert.Equal(SampleFlags.OffSkin, s.Flags));

    [Fact]
    public void B13_A_rate_of_zero_is_a_gap_and_its_intervals_stay()
    {
        var decoded = Wire.Decode(Wire.Raw2A37, Convert.FromHexString("10004A03"));

        Assert.Empty(decoded.Rejections);
        Assert.Equal(Signal.RrInterval, Assert.Single(decoded.Samples).Series.Signal);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("013D")]
    [InlineData("083D10")]
    [InlineData("003D00")]
    [InlineData("103D4A")]
    [InlineData("103D4A0301")]
    [InlineData("203D")]
    [InlineData("FF")]
    [InlineData("C328")]
    [InlineData("31362033442034413033")]
    public void Bytes_that_are_no_whole_measurement_are_refused(string hex) =>
        Wire.AssertRefused(Wire.Decode(Wire.Raw2A37, Convert.FromHexString(hex)), "raw2a37");

    [Theory]
    [InlineData("\"hex\":\"16 3\"", "raw2a37")]
    [InlineData("\"hex\":\"xx\"", "raw2a37")]
    [InlineData("\"hex\":\"\"", "raw2a37")]
    [InlineData("\"base64\":\"Fj1KAy8\"", "raw2a37")]
    [InlineData("\"hex\":\"003D\",\"base64\":\"AD0=\"", "raw2a37")]
    [InlineData("\"hex\":\"0005\"", "range:bpm")]
    [InlineData("\"hex\":7", "type:hex")]
    [InlineData("\"src\":\"x\"", "missing:hex")]
    public void A_text_that_is_no_measurement_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Raw2A37, $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""", reason);

    [Fact]
    public void B05_B06_B29_An_object_is_read_as_json_and_needs_its_time()
    {
        Wire.AssertRefused(Wire.Raw2A37, """{"v":1,"hex":"003D"}""", "missing:t");
        Wire.AssertRefused(Wire.Raw2A37, "{", "json");
        Wire.AssertRefused(Wire.Raw2A37, "[]", "empty");
        var json = $$"""{"v":1,"t":{{Wire.Ms}},"hex":"003D"}""";
        Assert.Single(Wire.Decode(Wire.Raw2A37, "\r\n\t " + json).Samples);
        Assert.Single(Wire.Decode(Wire.Raw2A37, "\uFEFF" + json).Samples);
    }

    [Fact]
    public void B16_An_interval_that_cannot_be_costs_itself_and_those_before_it()
    {
        var decoded = Wire.Decode(Wire.Raw2A37, Convert.FromHexString("103D4A03FFFF2F03"));

        Assert.Equal([61, 795.8984375], decoded.Samples.Select(s => s.Value));
        Assert.Equal(
            [(1, "range:rr"), (0, "missing:dt")], decoded.Rejections.Select(r => (r.Index ?? -1, r.Reason)));
    }

    static Sample OneSample(string hex) =>
        Assert.Single(Wire.Decode(Wire.Raw2A37, Convert.FromHexString(hex)).Samples);
}
