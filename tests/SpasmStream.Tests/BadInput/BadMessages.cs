using System.IO.Compression;
using System.Text;

namespace SpasmStream.Tests.BadInput;

/// <summary>
/// The items of the bad-input matrix that are one message on the wire, in one table: for the corridor, and
/// for the embedded broker over a socket.
/// </summary>
static class BadMessages
{
    /// <summary>Stands in every payload that can hold a text, and must stand in no log.</summary>
    public const string Canary = "canary-of-the-payload";

    public const string HeartRate = "spasmstream/v1/in/ada/watch/heart-rate";
    const string In = "spasmstream/v1/in/ada/";

    /// <param name="now">Our time in Unix milliseconds: what is good lies in the minute before it.</param>
    public static List<BadMessage> All(long now) =>
        [.. Bytes(now), .. Json(now), .. Values(now), .. Batches(now), .. Topics(now), .. Packed(now)];

    /// <summary>Those that are good or bad by a second, for a clock that stands still.</summary>
    public static IEnumerable<BadMessage> Edges(long now)
    {
        foreach (var (ahead, reason) in new (int, string?)[]
            { (299_000, null), (300_000, null), (300_001, "future"), (301_000, "future") })
            yield return new("B33", $"{ahead} ms ahead", Good(now + ahead), reason is null ? [] : [reason])
            {
                Stored = reason is null ? 1 : 0,
            };
        yield return new("B34", "35 days ago", Good(now - 35L * 86_400_000)) { Stored = 1 };
        yield return new("B34", "a second more", Good(now - 35L * 86_400_000 - 1_000), "too_old");
    }

    /// <summary>A message that is good.</summary>
    public static byte[] Good(long t) => Utf8($$"""{"v":1,"t":{{t}},"bpm":61,"src":"{{Canary}}"}""");

    static IEnumerable<BadMessage> Bytes(long now)
    {
        var good = Encoding.UTF8.GetString(Good(now - 1_000));
        yield return new("B01", "nothing", [], "empty");
        yield return new("B02", "256 KiB", Fill(good, 256 * 1024)) { Stored = 1 };
        foreach (var bytes in new byte[][] { [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0xAF] })
            yield return new("B04", "no UTF-8 " + Convert.ToHexString(bytes),
                [.. Utf8($$"""{"v":1,"t":{{now}},"bpm":61,"src":"{{Canary}}"""), .. bytes, .. "\"}"u8],
                "encoding");
        yield return new("B05", "a byte order mark",
            [0xEF, 0xBB, 0xBF, .. Good(now - 2_000)]) { Stored = 1 };
        yield return new("B05", "UTF-16", Encoding.Unicode.GetBytes(good), "encoding");
        yield return new("B05", "UTF-16, the other way",
            [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(good)], "encoding");
        foreach (var text in new[] { Canary, good[..^1], good + "x", good + good, "\"" + Canary + "\"" })
            yield return new("B06", "not one document", Utf8(text), "json");
        yield return new("B07", "100,000 levels", Utf8(
            $$"""{"v":1,"t":{{now}},"bpm":61,"{{Canary}}":{{new string('[', 100_000)}}"""), "json_depth");
        yield return new("B07", "17 levels", Utf8(
            $$"""{"v":1,"t":{{now}},"bpm":61,"x":{{new string('[', 16)}}{{new string(']', 16)}}}"""),
            "json_depth");
    }

    static IEnumerable<BadMessage> Json(long now)
    {
        string Members(string members) => $$"""{"v":1,"t":{{now - 3_000}},"src":"{{Canary}}",{{members}}}""";
        yield return new("B08", "a name twice", Utf8(Members("\"bpm\":61,\"bpm\":62")), "json_duplicate");
        yield return new("B09", "unknown members",
            Utf8(Members($"\"bpm\":61,\"{Canary}\":\"{Canary}\""))) { Stored = 1 };
        yield return new("B44", "names that mean something elsewhere", Utf8(
            $$"""{"v":1,"t":{{now - 4_000}},"bpm":61,"__proto__":{},"$type":"System.IO.File","$ref":"#"}"""))
        {
            Stored = 1,
        };
        yield return new("B10", "a number as text", Utf8(Members($"\"bpm\":\"{Canary}\"")), "type:bpm");
        foreach (var value in new[] { "true", "{}" })
            yield return new("B10", value, Utf8(Members($"\"bpm\":{value}")), "type:bpm");
        foreach (var value in new[] { "NaN", "-Infinity" })
            yield return new("B11", value, Utf8(Members($"\"bpm\":{value}")), "number");
        yield return new("B11", "1e400", Utf8(Members("\"bpm\":1e400")), "number");
        yield return new("B12", "10,000 digits",
            Utf8(Members($"\"bpm\":{new string('9', 10_000)}")), "number");
        yield return new("B14", "no value", Utf8($$"""{"v":1,"t":{{now}},"src":"{{Canary}}"}"""),
            "missing:bpm");
        yield return new("B14", "no instant", Utf8($$"""{"v":1,"bpm":61,"src":"{{Canary}}"}"""), "missing:t");
        foreach (var length in new[] { 257, 64 * 1024 })
            yield return new("B17", $"{length} characters", Utf8(
                Members("\"bpm\":61").Replace(
                    Canary, Canary.PadRight(length, 'x'), StringComparison.Ordinal)),
                "string_length");
        foreach (var escape in new[] { "\\u0000", "\\u001b[31m", "\\r\\n", "\\u0085" })
            yield return new("B18", escape, Utf8(Members("\"bpm\":61").Replace(
                Canary, Canary + escape, StringComparison.Ordinal)), "control");
        foreach (var id in new[] { "a\\nb", "\u202eid", "", new string('i', 65) })
            yield return new("B19", "an id of " + id.Length,
                Utf8(Members($"\"bpm\":61,\"id\":\"{id}\"")), "id");
        yield return new("B23", "another wearer", Utf8(Members("\"bpm\":61,\"wearer\":\"bob\"")),
            "person_mismatch");
    }

    static IEnumerable<BadMessage> Values(long now)
    {
        string Bpm(string bpm, int second) => $$"""{"v":1,"t":{{now - second * 1000}},"bpm":{{bpm}}}""";
        string At(string t) => $$"""{"v":1,"t":{{t}},"bpm":61,"src":"{{Canary}}"}""";
        foreach (var gap in new[] { "255", "0", "-1", "-2", "null" })
            yield return new("B13", "a gap of " + gap, Utf8(Bpm(gap, 5))) { Stored = 0 };
        yield return new("B13", "24", Utf8(Bpm("24", 6))) { Stored = 1 };
        yield return new("B13", "251", Utf8(Bpm("251", 7))) { Stored = 1 };
        yield return new("B13", "-5", Utf8(Bpm("-5", 8)), "range:bpm");
        yield return new("B13", "401", Utf8(Bpm("401", 8)), "range:bpm");
        yield return new("B30", "seconds", Utf8(At($"{now / 1000}")), "timestamp");
        foreach (var t in new[] { "2026-03-08T21:00:00", "2026-02-30T00:00:00Z", Canary })
            yield return new("B31", t, Utf8(At($"\"{t}\"")), "timestamp");
        foreach (var t in new[] { "0", "-1", "9223372036854775807" })
            yield return new("B32", t, Utf8(At(t)), "timestamp");
        yield return new("B33", "6 minutes ahead", Utf8(At($"{now + 360_000}")), "future");
        yield return new("B33", "4 minutes ahead", Utf8(At($"{now + 240_000}"))) { Stored = 1 };
        yield return new("B34", "36 days ago", Utf8(At($"{now - 36L * 86_400_000}")), "too_old");
        yield return new("B34", "34 days ago", Utf8(At($"{now - 34L * 86_400_000}"))) { Stored = 1 };
        yield return new("B42", "a sleep of 25 hours", Utf8(
            $$"""{"v":1,"t":{{now - 90_000_000}},"dur":90000000,"src":"{{Canary}}"}"""), "interval")
        {
            Topic = In + "watch/sleep",
        };
        yield return new("B43", "steps below zero", Utf8(
            $$"""{"v":1,"t":{{now}},"dur":60000,"steps":-1,"src":"{{Canary}}"}"""), "range:steps")
        {
            Topic = In + "watch/steps",
        };
        yield return new("B22", "a broken number where whole ones were", Utf8(Bpm("61.5", 9))) { Stored = 1 };
    }

    static IEnumerable<BadMessage> Batches(long now)
    {
        string Columns(int count, int unequal = 0) => $$"""
            {"v":1,"t0":{{now - 600_000}},"step":1,"src":"{{Canary}}","bpm":[{{Repeat("61", count)}}]
            {{(unequal == 0 ? "" : $",\"q\":[{Repeat("1", unequal)}]")}}}
            """;
        yield return new("B15", "50,001 samples", Utf8(Columns(50_001)), "batch_size");
        yield return new("B15", "80,000 empty objects", Utf8($"[{Repeat("{}", 80_000)}]"), "batch_size");
        yield return new("B15", "no object", "[]"u8.ToArray(), "empty");
        yield return new("B15", "no sample", Utf8(Columns(0)), "empty");
        yield return new("B16", "3 bad of 100", Utf8($"[{string.Join(',', Enumerable.Range(0, 100).Select(i =>
            $$"""{"v":1,"t":{{now - 700_000 - i}},"bpm":{{(i is 5 or 50 or 99 ? "-5" : "61")}}}"""))}]"),
            "range:bpm", "range:bpm", "range:bpm") { Stored = 97 };
    }

    static IEnumerable<BadMessage> Topics(long now) =>
    [
        .. new[]
        {
            In + "watch/heart-rate/more", In + "/heart-rate", "/" + HeartRate, HeartRate + "/",
            In + "watch/" + new string('x', 300), In + "watch/Heart-Rate", In + "watch/#",
            In + "+/heart-rate",
            "$SYS/x", "$share/g/" + HeartRate,
        }.Select(topic => new BadMessage("B25 B26 B27", topic, Good(now), "topic") { Topic = topic }),
        new BadMessage("B20", "a device with a comma", Good(now), "id") { Topic = In + "a,b/heart-rate" },
        new BadMessage("B20", "a device with a line", Good(now), "id") { Topic = In + "a\nb/heart-rate" },
    ];

    static IEnumerable<BadMessage> Packed(long now)
    {
        var gzip = Property("content-encoding", "gzip");
        var t = now - 20_000;
        yield return new("B39", "1,000 user properties", Good(t), "properties")
        {
            Properties = [.. Enumerable.Range(0, 1_000).SelectMany(i => Property($"n{i}", Canary))],
        };
        yield return new("B39", "a property of 64 KiB", Good(t++))
        {
            Properties = Property(Canary, new string('x', 65_535)), Stored = 1,
        };
        yield return new("B39", "a wrong content type", Good(t++))
        {
            Properties = [0x03, 0, 9, .. "image/png"u8], Stored = 1,
        };
        yield return new("B39", "binary that says it is text", [0xFF, 0xFE, 0, 1], "encoding")
        {
            Properties = [0x01, 1],
        };
        yield return new("B40", "expired already", Good(t++)) { Properties = [0x02, 0, 0, 0, 0], Stored = 1 };
        yield return new("B41", "packed in secret", Gzip(Good(t)), "encoding");
        yield return new("B41", "packed", Gzip(Good(t++))) { Properties = gzip, Stored = 1 };
        yield return new("B41", "packed twice", Gzip(Gzip(Good(t))), "encoding") { Properties = gzip };
        yield return new("B41", "said to be packed twice", Gzip(Good(t)), "encoding")
        {
            Properties = [.. gzip, .. gzip],
        };
        yield return new("B41", "packed in another way", Good(t), "encoding")
        {
            Properties = Property("content-encoding", "br"),
        };
        yield return new("B41", "not packed", Good(t), "encoding") { Properties = gzip };
        yield return new("B41", "packed, and cut", Gzip(Good(t))[..^12], "json") { Properties = gzip };
        yield return new("B41", "a bomb by times",
            Gzip(Fill(Encoding.UTF8.GetString(Good(t)), 900_000)), "bomb")
        {
            Properties = gzip,
        };
        yield return new("B41", "a bomb by size", Gzip(Noise(t, (1 << 20) + 1)), "bomb")
        {
            Properties = gzip,
        };
        yield return new("B41", "large, packed", Gzip(Noise(t, 300 * 1024)), "too_large")
        {
            Properties = gzip,
        };
    }

    static byte[] Noise(long t, int length)
    {
        var whole = Noise(length);
        Utf8($$"""{"v":1,"t":{{t}},"src":"{{Canary}}","bpm":""").CopyTo(whole, 0);
        return whole;
    }

    /// <summary>Packs by far less than a hundred times: chance, said again and again.</summary>
    public static byte[] Noise(int length)
    {
        var random = new Random(5);
        var block = new byte[24 * 1024];
        for (var i = 0; i < block.Length; i++)
            block[i] = (byte)random.Next('0', '9' + 1);
        var whole = new byte[length];
        for (var i = 0; i < length; i += block.Length)
            block.AsSpan(0, Math.Min(block.Length, length - i)).CopyTo(whole.AsSpan(i));
        return whole;
    }

    public static byte[] Gzip(byte[] payload)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(payload);
        return packed.ToArray();
    }

    static byte[] Property(string name, string value) => [0x26, .. Text(name), .. Text(value)];

    static byte[] Text(string text)
    {
        var bytes = Utf8(text);
        return [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
    }

    static string Repeat(string text, int count) => string.Join(',', Enumerable.Repeat(text, count));

    static byte[] Fill(string text, int length) => Utf8(text.PadRight(length));

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
