using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

/// <summary>Bouts of activity, and what a device tells of a sleep while it happens.</summary>
public sealed class DeviceEntryTests
{
    [Fact]
    public void A_bout_has_all_its_members()
    {
        var decoded = Wire.Decode(Wire.Activity, """
            {"v":1,"id":"w-991","rev":2,"t":"2026-03-07T17:30:00+01:00","dur":1800000,"type":"walk",
             "intensity":"moderate","met":3.4,"bpm":{"min":88,"mean":104.5,"max":121}}
            """);

        var entry = Assert.Single(decoded.Entries);
        Assert.Equal(
            ("w-991", 2, Instant.FromUtc(2026, 3, 7, 16, 30)), (entry.Key, entry.Revision, entry.At));
        Assert.Equal(
            new ActivityBout
            {
                Device = "watch",
                Id = "w-991",
                Start = Instant.FromUtc(2026, 3, 7, 16, 30),
                End = Instant.FromUtc(2026, 3, 7, 17, 0),
                Received = Wire.Received,
                Revision = 2,
                Type = "walk",
                Intensity = ActivityIntensity.Moderate,
                Met = 3.4,
                HeartRateMin = 88,
                HeartRateMean = 104.5,
                HeartRateMax = 121,
            }, entry.Value);
    }

    [Fact]
    public void A_bout_without_an_id_is_known_by_its_start_and_type()
    {
        var bout = Wire.OneEntry<ActivityBout>(
            Wire.Activity, $$"""{"v":1,"bpm":{"min":255,"x":1},"t":{{Wire.Ms}},"dur":1,"type":"run"}""");

        Assert.Equal(("t1773003600000-run", (double?)null), (bout.Id, bout.HeartRateMin));
    }

    [Theory]
    [InlineData("\"type\":\"walk\"", "missing:dur")]
    [InlineData("\"dur\":0", "interval")]
    [InlineData("\"dur\":-1", "interval")]
    [InlineData("\"dur\":172800001", "interval")]
    [InlineData("\"dur\":7200000", "future")]
    [InlineData("\"dur\":1,\"intensity\":\"hard\"", "range:intensity")]
    [InlineData("\"dur\":1,\"met\":-1", "range:met")]
    [InlineData("\"dur\":1,\"bpm\":104", "type:bpm")]
    [InlineData("\"dur\":1,\"bpm\":{\"mean\":900}", "range:mean")]
    [InlineData("\"dur\":1,\"bpm\":{\"max\":\"x\"}", "type:max")]
    [InlineData("\"dur\":1,\"type\":7", "type:type")]
    public void A_bout_that_cannot_have_been_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Activity, $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""", reason);

    [Theory]
    [InlineData("\"event\":\"start\"", SleepEventKind.Start, null, "event-1773003600000-start")]
    [InlineData("\"event\":\"pause\",\"stage\":\"rem\"", SleepEventKind.Pause, null,
        "event-1773003600000-pause")]
    [InlineData("\"event\":\"stage\",\"stage\":\"deep\",\"flags\":[\"provisional\"]", SleepEventKind.Stage,
        SleepStage.Deep, "event-1773003600000-stage-deep")]
    [InlineData("\"event\":\"stage\",\"stage\":\"core\"", SleepEventKind.Stage, SleepStage.Unknown,
        "event-1773003600000-stage-unknown")]
    public void A_sleep_tells_of_itself_while_it_happens(
        string members, SleepEventKind kind, SleepStage? stage, string key)
    {
        var json = $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""";
        var entry = Assert.Single(Wire.Decode(Wire.Sleep, json).Entries);

        Assert.Equal(key, entry.Key);
        Assert.Equal(
            new SleepEvent
            {
                Device = "watch",
                At = Instant.FromUnixTimeMilliseconds(Wire.Ms),
                Kind = kind,
                Stage = stage,
                Received = Wire.Received,
            }, entry.Value);
    }

    [Theory]
    [InlineData("\"event\":\"stage\"", "missing:stage")]
    [InlineData("\"event\":\"snore\"", "range:event")]
    [InlineData("\"event\":7", "type:event")]
    [InlineData("\"event\":\"stage\",\"stage\":2", "type:stage")]
    public void An_event_that_says_nothing_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Sleep, $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""", reason);
}
