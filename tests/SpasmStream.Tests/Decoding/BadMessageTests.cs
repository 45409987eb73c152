using System.Text;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>Faults of a whole message.</summary>
public sealed class BadMessageTests
{
    [Fact]
    public void B01_An_empty_payload_is_refused() =>
        Wire.AssertRefused(Wire.Decode(Wire.HeartRate, Array.Empty<byte>()), "empty");

    [Fact]
    public void B02_Exactly_256_KiB_are_read_and_one_byte_more_is_not()
    {
        var payload = new byte[256 * 1024];
        payload.AsSpan().Fill((byte)' ');
        Encoding.UTF8.GetBytes(Wire.Bpm("61")).CopyTo(payload, 0);

        Assert.Single(Wire.Decode(Wire.HeartRate, payload).Samples);
        Wire.AssertRefused(Wire.Decode(Wire.HeartRate, [.. payload, (byte)' ']), "too_large");
    }

    [Theory]
    [InlineData(new byte[] { 0xC3, 0x28 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xC0, 0xAF })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    public void B04_Invalid_utf8_is_refused(byte[] bytes)
    {
        byte[] payload = [.. "{\"v\":1,\"t\":1773003600000,\"bpm\":61,\"src\":\""u8, .. bytes, .. "\"}"u8];

        Wire.AssertRefused(Wire.Decode(Wire.HeartRate, payload), "encoding");
    }

    [Theory]
    [InlineData("\"src\":\"\\ud800\"")]
    [InlineData("\"\\ud800\":1")]
    [InlineData("\"flags\":[\"\\udc00\"]")]
    [InlineData("\"x\":{\"\\ud800\":1}")]
    public void B04_An_escaped_half_of_a_surrogate_pair_is_refused(string member) =>
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,"t":{{Wire.Ms}},{{member}},"bpm":61}""", "encoding");

    [Fact]
    public void B05_A_byte_order_mark_is_read_past_and_the_slice_of_an_entry_stays_right()
    {
        const string json = """{"v":1,"t":1773003600000,"stress":6}""";
        var decoded = Wire.Decode(Wire.State, [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(json)]);

        Assert.Equal(json, Encoding.UTF8.GetString(Assert.Single(decoded.Entries).Json.Span));
    }

    [Fact]
    public void B05_Utf16_is_refused()
    {
        foreach (var utf16 in new[] { new UnicodeEncoding(false, false), new UnicodeEncoding(true, false) })
            Wire.AssertRefused(Wire.Decode(Wire.HeartRate, utf16.GetBytes(Wire.Bpm("61"))), "encoding");
        byte[] marked = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes(Wire.Bpm("61"))];
        Wire.AssertRefused(Wire.Decode(Wire.HeartRate, marked), "encoding");
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("   ")]
    [InlineData("42")]
    [InlineData("\"online\"")]
    [InlineData("null")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"bpm\":61")]
    [InlineData("[{\"v\":1,\"t\":1773003600000,\"bpm\":61},")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"bpm\":61}x")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"bpm\":61}{\"v\":1,\"t\":1773003600000,\"bpm\":61}")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"bpm\":61,}")]
    [InlineData("{\"v\":1,\"t\":1773003600000,\"bpm\":061}")]
    [InlineData("{'v':1}")]
    [InlineData("/* */{\"v\":1,\"t\":1773003600000,\"bpm\":61}")]
    public void B06_What_is_not_one_json_document_is_refused_as_a_whole(string payload)
    {
        Wire.AssertRefused(Wire.HeartRate, payload, "json");
        Wire.AssertRefused(Wire.Status, payload, "json");
    }

    [Theory]
    [InlineData(15, null)]
    [InlineData(16, "json_depth")]
    [InlineData(100_000, "json_depth")]
    public void B07_Levels_have_an_end(int levels, string? reason)
    {
        var deep = new string('[', levels) + new string(']', levels);
        var decoded = Wire.Decode(Wire.HeartRate, $$"""{"v":1,"t":{{Wire.Ms}},"bpm":61,"x":{{deep}}}""");

        Assert.Equal(reason, decoded.Rejections.SingleOrDefault()?.Reason);
        Assert.Equal(reason is null ? 1 : 0, decoded.Samples.Count);
    }

    [Theory]
    [InlineData("\"bpm\":61,\"bpm\":62")]
    [InlineData("\"bpm\":61,\"b\\u0070m\":62")]
    [InlineData("\"bpm\":61,\"x\":1,\"x\":1")]
    [InlineData("\"bpm\":61,\"x\":1,\"\\u0078\":1")]
    [InlineData("\"bpm\":61,\"x\":[{\"y\":{},\"z\":{\"v\":1,\"v\":1}}]")]
    public void B08_Two_members_of_one_name_are_refused(string members) =>
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":1,"t":{{Wire.Ms}},{{members}}}""", "json_duplicate");

    [Fact]
    public void B08_Every_member_is_known_by_its_name_and_may_be_there_once()
    {
        for (var member = Member.V; member < Member.Unknown; member++)
        {
            var name = MemberNames.Of(member);
            var once = $"\"{name}\":null";

            Assert.Equal(member, MemberNames.Find(Encoding.UTF8.GetBytes(name)));
            Wire.AssertRefused(Wire.Rr, $"{{{once},\"x\":1,{once}}}", "json_duplicate");
        }
    }

    [Fact]
    public void B08_The_same_name_in_two_objects_is_no_duplicate()
    {
        const string one = """{"v":1,"t":1773003600000,"bpm":61,"x":{"y":{"x":1},"z":{"x":1}}}""";

        Assert.Equal(2, Wire.Decode(Wire.HeartRate, $"[{one},{one}]").Samples.Count);
    }

    [Theory]
    [InlineData("\"seq\":7", 1)]
    [InlineData("\"seq\":{\"a\":[1,{\"b\":2}]},\"steps\":\"x\",\"V\":2", 3)]
    [InlineData("\"flags\":[\"moving\",\"asleep\"]", 1)]
    public void B09_Unknown_members_and_words_are_ignored_and_counted(string members, int count)
    {
        var decoded = Wire.Decode(Wire.HeartRate, $$"""{"v":1,{{members}},"t":{{Wire.Ms}},"bpm":61}""");

        Assert.Equal(61, Assert.Single(decoded.Samples).Value);
        Assert.Equal(count, decoded.UnknownMembers);
    }

    [Fact]
    public void B23_A_payload_of_another_wearer_is_kept_for_neither()
    {
        var mine = $$"""{"v":1,"wearer":"ada","t":{{Wire.Ms}},"bpm":61}""";
        var other = $$"""{"v":1,"wearer":"bob","t":{{Wire.Ms}},"bpm":61}""";

        Assert.Single(Wire.Decode(Wire.HeartRate, mine).Samples);
        Wire.AssertRefused(Wire.HeartRate, $"[{mine},{other}]", "person_mismatch");
    }

    [Fact]
    public void B44_Names_that_mean_something_elsewhere_mean_nothing_here()
    {
        var json = $$$"""
            {"v":1,"__proto__":{"bpm":99},"$type":"System.IO.FileInfo","$ref":"#","t":{{{Wire.Ms}}},"bpm":61}
            """;

        Assert.Equal(61, Wire.OneSample(Wire.HeartRate, json).Value);
    }

    [Theory]
    [InlineData("2", "version")]
    [InlineData("9223372036854775807", "version")]
    [InlineData("0", "range:v")]
    [InlineData("-1", "range:v")]
    [InlineData("1.5", "type:v")]
    [InlineData("\"1\"", "type:v")]
    [InlineData("null", "type:v")]
    public void Only_the_version_we_know_is_read(string version, string reason) =>
        Wire.AssertRefused(Wire.HeartRate, $$"""{"v":{{version}},"t":"later form","bpm":61}""", reason);

    [Fact]
    public void D16_Only_a_status_without_time_has_no_instant_of_its_own()
    {
        Assert.False(Wire.Decode(Wire.Status, "online").HasOwnInstant);
        Assert.False(Wire.Decode(Wire.Status, """{"v":1,"state":"online"}""").HasOwnInstant);
        Assert.True(Wire.Decode(Wire.Status, $$"""{"v":1,"t":{{Wire.Ms}},"state":"online"}""").HasOwnInstant);
        Assert.True(Wire.Decode(Wire.HeartRate, Wire.Bpm("61")).HasOwnInstant);
        Assert.True(Wire.Decode(Wire.Episode, """{"v":1,"none":true,"day":"2026-03-07"}""").HasOwnInstant);
    }
}
