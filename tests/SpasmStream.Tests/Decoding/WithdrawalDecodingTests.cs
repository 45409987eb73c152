using System.Text;
using SpasmStream.Core.Episodes;

namespace SpasmStream.Tests.Decoding;

/// <summary>Ids: what is replaced or taken back by them.</summary>
public sealed class WithdrawalDecodingTests
{
    [Theory]
    [InlineData(Wire.Episode, "diary", "episode")]
    [InlineData(Wire.Trigger, "diary", "trigger")]
    [InlineData(Wire.Medication, "diary", "medication")]
    [InlineData(Wire.State, "diary", "state")]
    [InlineData(Wire.Sleep, "watch", "sleep")]
    [InlineData(Wire.Activity, "watch", "activity")]
    public void B36_An_entry_is_taken_back_by_its_id_alone(string topic, string device, string kind)
    {
        const string json = """{"v":1,"op":"delete","id":"a 1","rev":3}""";
        var entry = Assert.Single(Wire.Decode(topic, json).Entries);

        Assert.Equal(("a 1", 3, Wire.Received), (entry.Key, entry.Revision, entry.At));
        Assert.Equal(new Withdrawal(device, kind, "a 1", 3, Wire.Received), entry.Value);
        Assert.Equal(json, Encoding.UTF8.GetString(entry.Json.Span));
    }

    [Theory]
    [InlineData(Wire.HeartRate)]
    [InlineData(Wire.Steps)]
    [InlineData(Wire.Rr)]
    [InlineData(Wire.Hrv)]
    [InlineData(Wire.Raw2A37)]
    public void B36_Samples_are_taken_back_by_the_id_they_were_sent_under(string topic)
    {
        var decoded = Wire.Decode(topic, """{"v":1,"id":"a1","op":"delete"}""");

        Assert.Empty(decoded.Samples);
        var fact = Assert.Single(decoded.Facts);
        Assert.Equal(("a1", 0, 0, 0, true), (fact.Id, fact.Revision, fact.First, fact.Count, fact.Withdrawn));
        Assert.Equal("""{"v":1,"id":"a1","op":"delete"}"""u8, fact.Json.Span);
    }

    [Theory]
    [InlineData(Wire.HeartRate, "\"op\":\"delete\"", "missing:id")]
    [InlineData(Wire.Episode, "\"op\":\"delete\"", "missing:id")]
    [InlineData(Wire.Episode, "\"op\":\"delete\",\"id\":\"\"", "id")]
    [InlineData(Wire.Sleep, "\"op\":\"delete\",\"id\":\"a\",\"dur\":\"x\"", "type:dur")]
    [InlineData(Wire.Status, "\"op\":\"delete\",\"id\":\"a\"", "range:op")]
    public void What_cannot_be_taken_back_is_refused(string topic, string members, string reason) =>
        Wire.AssertRefused(topic, $$"""{"v":1,{{members}}}""", reason);

    [Fact]
    public void An_object_with_an_id_names_its_slice_of_the_samples()
    {
        var decoded = Wire.Decode(Wire.HeartRate, $$"""
            [{"v":1,"t":{{Wire.Ms}},"bpm":61},
             {"v":1,"id":"a","t0":{{Wire.Ms}},"step":60000,"bpm":[61,null,62],"min":[60,null,61],"rev":2},
             {"v":1,"id":"b","t":{{Wire.Ms}},"bpm":null},
             {"v":1,"id":"c","t":{{Wire.Ms}},"bpm":900},
             {"v":1,"id":"d","t0":{{Wire.Ms}},"step":1,"bpm":[900,901]},
             {"v":1,"id":"e","op":"delete"},
             {"v":1,"id":"f","t":{{Wire.Ms}},"bpm":63}]
            """);

        Assert.Equal(
            [("a", 2, 1, 4, false), ("b", 0, 5, 0, false), ("e", 0, 5, 0, true), ("f", 0, 5, 1, false)],
            decoded.Facts.Select(f => (f.Id, f.Revision, f.First, f.Count, f.Withdrawn)));
        Assert.Equal([61, 61, 62, 60, 61, 63], decoded.Samples.Select(s => s.Value));
    }

    [Fact]
    public void Samples_without_an_id_are_no_fact() =>
        Assert.Empty(Wire.Decode(Wire.HeartRate, Wire.Bpm("61")).Facts);
}
