using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

public sealed class WireTopicTests
{
    [Fact]
    public void A_topic_names_wearer_device_and_kind()
    {
        var decoded = Wire.Decode("spasmstream/v1/in/ada_2/polar-h10/heart-rate", Wire.Bpm("61"));

        Assert.Equal("ada_2", decoded.Wearer.ToString());
        Assert.Equal("polar-h10", decoded.Device);
        Assert.Equal("heart-rate", decoded.Kind);
        Assert.Equal("polar-h10", decoded.Samples[0].Series.Device);
    }

    [Theory]
    [InlineData("ada,b")]
    [InlineData("ada=b")]
    [InlineData("ada b")]
    [InlineData("ada\"")]
    [InlineData("ada\\")]
    [InlineData("ada\nb")]
    [InlineData("Ada")]
    [InlineData("time")]
    [InlineData("åda")]
    [InlineData("ad\u202Ea")]
    [InlineData("ad\u200Ba")]
    [InlineData("a\u0308da")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void B19_B20_A_name_outside_the_alphabet_is_refused(string name)
    {
        Wire.AssertRefused($"spasmstream/v1/in/{name}/watch/heart-rate", Wire.Bpm("61"), "id");
        Wire.AssertRefused($"spasmstream/v1/in/ada/{name}/heart-rate", Wire.Bpm("61"), "id");
    }

    [Fact]
    public void B20_The_worker_is_no_wearer() =>
        Wire.AssertRefused("spasmstream/v1/in/worker/watch/steps", Wire.Bpm("61"), "id");

    [Theory]
    [InlineData("spasmstream/v1/in/+/watch/heart-rate")]
    [InlineData("spasmstream/v1/in/ada/#")]
    [InlineData("spasmstream/v1/in/ada/#x/heart-rate")]
    public void B25_A_filter_is_no_topic(string topic) => Wire.AssertRefused(topic, Wire.Bpm("61"), "topic");

    [Theory]
    [InlineData("spasmstream/v1/in/a\0da/watch/heart-rate")]
    [InlineData("spasmstream/v1/in/a\uFFFDda/watch/heart-rate")]
    [InlineData("$SYS/broker/uptime")]
    [InlineData("$share/g/spasmstream/v1/in/ada/watch/heart-rate")]
    public void B26_What_no_device_may_publish_to_is_refused(string topic) =>
        Wire.AssertRefused(topic, Wire.Bpm("61"), "topic");

    [Fact]
    public void B26_Half_a_surrogate_pair_is_refused() =>
        Wire.AssertRefused("spasmstream/v1/in/a" + (char)0xD800 + "/watch/heart-rate", Wire.Bpm("61"),
            "topic");

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("spasmstream/v1/in/ada/watch")]
    [InlineData("spasmstream/v1/in/ada/watch/heart-rate/")]
    [InlineData("/spasmstream/v1/in/ada/watch/heart-rate")]
    [InlineData("spasmstream/v1/in/ada//heart-rate")]
    [InlineData("spasmstream/v1/in//watch/heart-rate")]
    [InlineData("spasmstream/v1/in/ada/watch/heart-rate/x/y/z")]
    [InlineData("Spasmstream/v1/in/ada/watch/heart-rate")]
    [InlineData("spasmstream/v1/in/ada/watch/Heart-Rate")]
    [InlineData("spasmstream/v2/in/ada/watch/heart-rate")]
    [InlineData("spasmstream/v1/out/ada/watch/heart-rate")]
    [InlineData("spasmstream/v1/in/ada/watch/blood")]
    [InlineData("spasmstream/v1/in/ada/watch/episode")]
    [InlineData("spasmstream/v1/in/ada/diary/heart-rate")]
    [InlineData("spasmstream/v1/in/ada/diary/status")]
    public void B27_Only_the_exact_topic_matches(string topic) =>
        Wire.AssertRefused(topic, Wire.Bpm("61"), "topic");

    [Fact]
    public void B27_A_topic_of_more_than_256_bytes_is_refused() =>
        Wire.AssertRefused($"spasmstream/v1/in/{new string('a', 257)}/watch/steps", Wire.Bpm("61"), "topic");

    [Fact]
    public void A_kind_of_the_format_that_is_not_read_yet_is_unsupported() =>
        Wire.AssertRefused("spasmstream/v1/in/ada/watch/omh", Wire.Bpm("61"), "unsupported");

    [Fact]
    public void A_refused_topic_names_no_wearer() =>
        Assert.Null(Wire.Decode("spasmstream/v1/in/Ada/watch/steps", Wire.Bpm("61")).Wearer);
}
