using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>Heart rate, one reading after the other.</summary>
public sealed class SampleDecodingTests
{
    [Fact]
    public void A_single_reading_has_all_its_members()
    {
        var sample = Wire.OneSample(Wire.HeartRate, """
            {"v":1,"t":"2026-03-07T22:41:05.1209+01:00","bpm":61.5,"q":0.95,"flags":["moving","manual"],
             "rev":3,
             "src":"ble-bridge/1.2","model":"Polar H10","tz":"Europe/Berlin","id":"a, b","op":"upsert"}
            """);

        Assert.Equal(new Series("watch", Signal.HeartRate, Stat.Raw, "ble-bridge/1.2"), sample.Series);
        Assert.Equal(Instant.FromUtc(2026, 3, 7, 21, 41, 5) + Duration.FromMilliseconds(120), sample.Start);
        Assert.Equal(61.5, sample.Value);
        Assert.Equal(Wire.Received, sample.Received);
        Assert.Equal(Duration.Zero, sample.Duration);
        Assert.Equal(0.95, sample.Quality);
        Assert.Equal(SampleFlags.Moving | SampleFlags.Manual, sample.Flags);
        Assert.Equal(60, sample.OffsetMinutes);
        Assert.Equal(3, sample.Revision);
    }

    [Fact]
    public void Equal_series_are_one_object_across_messages_and_topics()
    {
        var decoder = new WireDecoder();
        Series Of(string wearer) => decoder.Decode(
            $"spasmstream/v1/in/{wearer}/watch/heart-rate",
            System.Text.Encoding.UTF8.GetBytes($$"""{"v":1,"t":{{Wire.Ms}},"bpm":61,"src":"b"}"""),
            Wire.Received, DecodeLimits.Live).Samples[0].Series;

        Assert.Same(Of("ada"), Of("ada"));
        Assert.Same(Of("ada"), Of("bob"));
    }

    [Theory]
    [InlineData("\"t0\":1773003600000,\"step\":5000,\"bpm\":[61,null,62.5]")]
    [InlineData("\"bpm\":[61,255,62.5],\"step\":5000,\"t0\":\"2026-03-08T21:00:00Z\"")]
    [InlineData("\"dt\":[0,1,10000],\"bpm\":[61,0,62.5],\"t0\":1773003600000")]
    public void A_column_in_any_order_of_members_makes_a_sample_of_each_value(string members)
    {
        var decoded = Wire.Decode(Wire.HeartRate, $$"""{"v":1,{{members}}}""");

        Assert.Empty(decoded.Rejections);
        Assert.Equal([61, 62.5], decoded.Samples.Select(s => s.Value));
        Assert.Equal([Wire.Ms, Wire.Ms + 10_000], decoded.Samples
            .Select(s => s.Start.ToUnixTimeMilliseconds()));
    }

    [Fact]
    public void Min_and_max_become_samples_of_their_own()
    {
        var decoded = Wire.Decode(Wire.HeartRate, $$"""
            {"v":1,"t":{{Wire.Ms}},"dur":60000,"stat":"mean","bpm":60.5,"min":58,"max":63}
            """);

        Assert.Equal(
            [(Stat.Mean, 60.5), (Stat.Min, 58), (Stat.Max, 63)], decoded.Samples
                .Select(s => (s.Series.Stat, s.Value)));
        Assert.All(decoded.Samples, s => Assert.Equal(Duration.FromMinutes(1), s.Duration));
    }

    [Theory]
    [InlineData("\"61\"", "type:bpm")]
    [InlineData("true", "type:bpm")]
    [InlineData("{}", "type:bpm")]
    [InlineData("{\"a\":[1]}", "type:bpm")]
    [InlineData("NaN", "number")]
    [InlineData("Infinity", "number")]
    [InlineData("-Infinity", "number")]
    [InlineData("1e400", "number")]
    [InlineData("-1e400", "number")]
    [InlineData("9223372036854775808", "number")]
    [InlineData("-9223372036854775809", "number")]
    [InlineData("-5", "range:bpm")]
    [InlineData("9.9", "range:bpm")]
    [InlineData("401", "range:bpm")]
    [InlineData("1e-400", null)]
    public void B10_B11_B12_B13_Only_a_number_that_can_be_is_a_heart_rate(string value, string? reason)
    {
        if (reason is null)
            Assert.Empty(Wire.Decode(Wire.HeartRate, Wire.Bpm(value)).Rejections);
        else
            Wire.AssertRefused(Wire.HeartRate, Wire.Bpm(value), reason);
    }

    [Theory]
    [InlineData("\"t\":true,\"bpm\":61", "type:t")]
    [InlineData("\"t\":null,\"bpm\":61", "type:t")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"q\":\"1\"", "type:q")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"flags\":\"moving\"", "type:flags")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"flags\":[1]", "type:flags")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"rev\":1.5", "type:rev")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"src\":7", "type:src")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"dur\":\"60 s\"", "type:dur")]
    public void B10_A_value_of_another_type_is_refused_by_name(string members, string reason) =>
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,{{members}}}""", reason);

    [Fact]
    public void B10_Null_of_an_optional_member_is_as_if_it_were_not_there()
    {
        var sample = Wire.OneSample(Wire.HeartRate, $$"""
            {"v":1,"t":{{Wire.Ms}},"bpm":61,"q":null,"dur":null,"stat":null,"flags":null,"rev":null,
             "src":null,"tz":null,
             "id":null,"op":null,"model":null}
            """);

        Assert.Equal(Wire.OneSample(Wire.HeartRate, Wire.Bpm("61")), sample);
    }

    [Fact]
    public void B12_Ten_thousand_digits_are_refused()
    {
        Wire.AssertRefused(Wire.HeartRate, Wire.Bpm(new string('1', 10_000)), "number");
        Wire.AssertRefused(Wire.HeartRate, Wire.At(new string('1', 10_000)), "number");
        Wire.AssertRefused(Wire.HeartRate, Wire.Bpm("61." + new string('1', 10_000)), "number");
    }

    [Theory]
    [InlineData("255")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-2")]
    [InlineData("null")]
    [InlineData("0.0")]
    public void B13_What_devices_send_for_no_reading_is_a_gap(string value)
    {
        var decoded = Wire.Decode(Wire.HeartRate, Wire.Bpm(value));

        Assert.Empty(decoded.Samples);
        Assert.Empty(decoded.Rejections);
    }

    [Theory]
    [InlineData("24", SampleFlags.Implausible)]
    [InlineData("25", SampleFlags.None)]
    [InlineData("250", SampleFlags.None)]
    [InlineData("251", SampleFlags.Implausible)]
    [InlineData("10", SampleFlags.Implausible)]
    [InlineData("400", SampleFlags.Implausible)]
    public void B13_What_is_hard_to_believe_is_kept_and_flagged(string value, SampleFlags flags) =>
        Assert.Equal(flags, Wire.OneSample(Wire.HeartRate, Wire.Bpm(value)).Flags);

    [Theory]
    [InlineData("{\"t\":1773003600000,\"bpm\":61}", "missing:v")]
    [InlineData("{\"v\":1,\"bpm\":61}", "missing:t")]
    [InlineData("{\"v\":1,\"bpm\":[61],\"step\":5}", "missing:t0")]
    [InlineData("{\"v\":1,\"t\":1773003600000}", "missing:bpm")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"bpm\":61,\"stat\":\"mean\"}", "missing:dur")]
    [InlineData("{}", "missing:v")]
    public void B14_B29_A_required_member_that_is_missing_is_named(string json, string reason) =>
        Wire.AssertRefused(Wire.HeartRate, json, reason);

    [Theory]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"stat\":\"median\",\"dur\":1", "range:stat")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"stat\":\"sum\",\"dur\":1", "range:stat")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"dur\":-1", "range:dur")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"q\":1.01", "range:q")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"rev\":-1", "range:rev")]
    [InlineData("\"t\":1773003600000,\"bpm\":61,\"op\":\"drop\"", "range:op")]
    [InlineData("\"t0\":1773003600000,\"bpm\":[61],\"step\":0", "range:step")]
    [InlineData("\"t\":1773003600000,\"dur\":60000,\"bpm\":61,\"min\":5", "range:min")]
    public void A_value_that_cannot_be_is_named(string members, string reason) =>
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,{{members}}}""", reason);

    [Fact]
    public void B17_A_text_ends_at_256_characters()
    {
        string Source(int length) =>
            $$"""{"v":1,"t":{{Wire.Ms}},"bpm":61,"src":"{{new string('é', length)}}"}""";

        Assert.Equal(256, Wire.OneSample(Wire.HeartRate, Source(256)).Series.Source.Length);
        Wire.AssertRefused(Wire.HeartRate, Source(257), "string_length");
        Wire.AssertRefused(Wire.HeartRate, Source(65_536), "string_length");
    }

    [Theory]
    [InlineData("\\u0000")]
    [InlineData("\\u001b")]
    [InlineData("\\r\\n")]
    [InlineData("\\u0085")]
    [InlineData("\\u007f")]
    public void B18_Control_characters_in_a_text_are_refused(string text)
    {
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,"t":{{Wire.Ms}},"bpm":61,"src":"a{{text}}"}""",
            "control");
        Wire.AssertRefused(Wire.State, $$"""{"v":1,"t":{{Wire.Ms}},"note":"a{{text}}"}""", "control");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\\u00e9")]
    [InlineData("a\\n")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void B19_B20_An_id_is_short_printable_ascii(string id)
    {
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,"id":"{{id}}","t":{{Wire.Ms}},"bpm":61}""", "id");
        Wire.AssertRefused(
            Wire.Medication, $$"""{"v":1,"id":"{{id}}","t":{{Wire.Ms}},"name":"x"}""", "id");
    }

    [Fact]
    public void B20_An_id_of_70_000_characters_is_refused() =>
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,"id":"{{new string('a', 70_000)}}"}""", "id");

    [Fact]
    public void B22_Whole_and_broken_numbers_are_one_kind_of_value() =>
        Assert.Equal(
            [61.0, 61.5, 60.0, 6.1e1],
            Wire.Decode(
                Wire.HeartRate, $$"""{"v":1,"t0":{{Wire.Ms}},"step":1,"bpm":[61,61.5,60.0,6.1e1]}""")
                .Samples.Select(s => s.Value));
}
