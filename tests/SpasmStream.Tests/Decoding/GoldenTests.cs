using System.Text;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>
/// One folder a case: a message, and what comes of it. A new folder is a new case; a case without its
/// <c>expected</c> gets one when SPASMSTREAM_ACCEPT is 1, and fails otherwise.
/// </summary>
public sealed class GoldenTests
{
    const string Root = "tests/SpasmStream.Tests/Decoding/Golden";

    public static TheoryData<string> Cases => [.. Folders()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_message_becomes_what_is_expected(string folder)
    {
        var (topic, payload) = Message(folder);
        var actual = DecodedText.Of(Wire.Decode(topic, payload));
        var expected = Repository.At($"{Root}/{folder}/expected");
        if (!File.Exists(expected) && Environment.GetEnvironmentVariable("SPASMSTREAM_ACCEPT") == "1")
            File.WriteAllText(expected, actual);

        Assert.True(File.Exists(expected), $"{folder} has no file 'expected'. The decoder says:\n{actual}");
        Assert.Equal(File.ReadAllText(expected), actual);
    }

    [Fact]
    public void Every_kind_has_cases_and_one_of_them_is_refused()
    {
        var kinds = WireKind.OfDevices.Concat(WireKind.OfDiary).Where(kind => kind.Read is not null);

        Assert.All(kinds, kind =>
        {
            var decoded = Folders()
                .Where(folder => folder.StartsWith($"{kind.Name}/", StringComparison.Ordinal))
                .Select(Decode).ToList();
            Assert.InRange(decoded.Count, 3, 12);
            Assert.Contains(decoded, d => d.Rejections.Count > 0);
            Assert.Contains(decoded, d => d.Rejections.Count == 0);
        });
    }

    /// <summary>The JSON messages of which nothing is refused.</summary>
    internal static IEnumerable<(string Folder, string Topic, string Json)> Accepted() =>
        from folder in Folders()
        let message = Message(folder)
        where message.Payload is [(byte)'{' or (byte)'[', ..]
            && Wire.Decode(message.Topic, message.Payload).Rejections.Count == 0
        select (folder, message.Topic, Encoding.UTF8.GetString(message.Payload));

    static IEnumerable<string> Folders() =>
        Directory.GetDirectories(Repository.At(Root)).SelectMany(Directory.GetDirectories)
            .Select(path => Path.GetRelativePath(Repository.At(Root), path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);

    static Decoded Decode(string folder)
    {
        var (topic, payload) = Message(folder);
        return Wire.Decode(topic, payload);
    }

    static (string Topic, byte[] Payload) Message(string folder)
    {
        var isHex = File.Exists(Repository.At($"{Root}/{folder}/message.hex"));
        var text = File.ReadAllText(Repository.At($"{Root}/{folder}/message{(isHex ? ".hex" : "")}"));
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var (topic, payload) = (text[..end], text[(end + 1)..].TrimEnd('\n'));
        return (topic, isHex ? Convert.FromHexString(payload.Replace(" ", "").Replace("\n", ""))
            : Encoding.UTF8.GetBytes(payload));
    }
}
