using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

public sealed class WireTimeTests
{
    [Theory]
    [InlineData("\"2026-03-08T21:00:00Z\"", 0L, null)]
    [InlineData("\"2026-03-08t21:00:00z\"", 0L, null)]
    [InlineData("\"2026-03-08T21:00:00-00:00\"", 0L, null)]
    [InlineData("\"2026-03-08T21:00:00+00:00\"", 0L, 0)]
    [InlineData("\"2026-03-08T23:00:00+02:00\"", 0L, 120)]
    [InlineData("\"2026-03-09T02:45:00.5+05:45\"", 500L, 345)]
    [InlineData("\"2026-03-08T13:00:00.1239-08:00\"", 123L, -480)]
    [InlineData("\"2026-03-08T20:59:60Z\"", 0L, null)]
    [InlineData("\"2026-03-08T21:00:00\\u002b00:00\"", 0L, 0)]
    [InlineData("1773003600000", 0L, null)]
    public void B30_B31_B32_Instants_with_an_offset_or_in_milliseconds_are_read(string time, long afterMs,
        int? offset)
    {
        var sample = Wire.OneSample(Wire.HeartRate, Wire.At(time));

        Assert.Equal((Wire.Ms + afterMs, offset),
            (sample.Start.ToUnixTimeMilliseconds(), sample.OffsetMinutes));
    }

    [Fact]
    public void B31_The_sixtieth_second_is_the_next_one() =>
        Assert.Equal(
            Instant.FromUtc(2026, 3, 8, 0, 0),
            Wire.OneSample(Wire.HeartRate, Wire.At("\"2026-03-07T23:59:60Z\"")).Start);

    [Theory]
    [InlineData("1773003600")]
    [InlineData("99999999999")]
    [InlineData("1773003600000000")]
    [InlineData("1773003600000000000")]
    [InlineData("1773003600000.5")]
    [InlineData("1.773e12")]
    [InlineData("\"1773003600000\"")]
    public void B30_Other_numbers_are_never_guessed(string time) =>
        Wire.AssertRefused(Wire.HeartRate, Wire.At(time), "timestamp");

    [Theory]
    [InlineData("2026-03-08T21:00:00")]
    [InlineData("2026-03-08 21:00:00Z")]
    [InlineData("2026-03-08T21:00Z")]
    [InlineData("2026-03-08T21:00:00.Z")]
    [InlineData("2026-03-08T21:00:00+0100")]
    [InlineData("2026-03-08T21:00:00+19:00")]
    [InlineData("2026-03-08T24:00:00Z")]
    [InlineData("2026-03-08T21:00:61Z")]
    [InlineData("2026-02-30T21:00:00Z")]
    [InlineData("2026-00-08T21:00:00Z")]
    [InlineData("0000-03-08T21:00:00Z")]
    [InlineData("2026-03-08T21:00:00Zulu")]
    [InlineData("2026-03-08T21:00:00.123")]
    [InlineData("")]
    [InlineData("now")]
    public void B31_A_text_that_is_no_instant_with_offset_is_refused(string time) =>
        Wire.AssertRefused(Wire.HeartRate, Wire.At($"\"{time}\""), "timestamp");

    [Theory]
    [InlineData("0")]
    [InlineData("-1773003600000")]
    [InlineData("\"1970-01-01T00:00:00Z\"")]
    [InlineData("\"2262-04-12T00:00:00Z\"")]
    [InlineData("\"9999-12-31T23:59:59Z\"")]
    public void B32_Instants_no_watch_can_mean_are_refused_even_in_files(string time)
    {
        Wire.AssertRefused(Wire.HeartRate, Wire.At(time), "timestamp");
        Wire.AssertRefused(Wire.Decode(Wire.HeartRate, Wire.At(time), DecodeLimits.AnyTime), "timestamp");
    }

    [Theory]
    [InlineData(4 * 60 + 59, null)]
    [InlineData(5 * 60, null)]
    [InlineData(5 * 60 + 1, "future")]
    [InlineData(-34 * 86_400, null)]
    [InlineData(-36 * 86_400, "too_old")]
    public void B33_B34_Five_minutes_ahead_and_35_days_back_are_the_limits(int afterSeconds, string? reason)
    {
        var ms = (Wire.Received + Duration.FromSeconds(afterSeconds)).ToUnixTimeMilliseconds();
        var single = Wire.Decode(Wire.HeartRate, Wire.At($"{ms}"));
        var column = Wire.Decode(Wire.HeartRate, $$"""{"v":1,"t0":{{ms}},"step":1,"bpm":[61]}""");
        var diary = Wire.Decode(Wire.State, $$"""{"v":1,"t":{{ms}},"mood":3}""");

        Assert.Equal(reason, single.Rejections.SingleOrDefault()?.Reason);
        Assert.Equal(reason, column.Rejections.SingleOrDefault()?.Reason);
        Assert.Equal(reason, diary.Rejections.SingleOrDefault()?.Reason);
        Assert.Single(Wire.Decode(Wire.HeartRate, Wire.At($"{ms}"), DecodeLimits.AnyTime).Samples);
    }
}
