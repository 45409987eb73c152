using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using SpasmStream.Core.Signals;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>Keeps the page about the wire format true.</summary>
public sealed partial class WireFormatTests
{
    [GeneratedRegex("^Topic `([^`]+)`[^\n]*\n\n```json\n(.*?)\n```",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Example { get; }

    [GeneratedRegex("^\\| `([a-z0-9_]+(?::<member>)?)` \\| (?:message|object|position)",
        RegexOptions.Multiline)]
    private static partial Regex Code { get; }

    [Fact]
    public void Every_example_is_read_without_a_rejection_and_survives_a_round_trip()
    {
        var examples = Examples();
        Assert.Equal(examples.Count, Regex.Count(Page(), "^```json", RegexOptions.Multiline));
        Assert.True(examples.Count >= 25);

        foreach (var (topic, json) in examples)
        {
            var decoded = Wire.Decode(topic, json);
            Assert.True(decoded.Rejections.Count == 0, $"{json}: {string.Join(' ', decoded.Rejections)}");
            Assert.Equal(0, decoded.UnknownMembers);
            Assert.True(
                decoded.Samples.Count + decoded.Entries.Count + decoded.Facts.Count > 0
                    || decoded.Status is not null,
                json);
            Wire.AssertRoundTrip(decoded);
        }
    }

    [Fact]
    public void Every_kind_of_topic_has_an_example()
    {
        var shown = Examples().Select(e => e.Topic.Split('/')[^1]).ToHashSet();

        Assert.Equal(
            WireKind.OfDevices.Concat(WireKind.OfDiary).Where(k => k.Read is not null)
                .Select(k => k.Name).Order(),
            shown.Order());
    }

    [Fact]
    public void Every_reason_code_is_on_the_page_and_no_other()
    {
        var inCode = typeof(ReasonCode).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Concat(typeof(Reasons).GetFields(BindingFlags.Static | BindingFlags.Public))
            .Select(f => (string)f.GetRawConstantValue()!)
            .Distinct()
            .Select(c => c.EndsWith(':') ? c + "<member>" : c);

        Assert.Equal(inCode.Order(), Code.Matches(Page()).Select(m => m.Groups[1].Value).Order());
    }

    [Fact]
    public void Gaps_lie_outside_the_plausible_range()
    {
        foreach (var signal in Enum.GetValues<Signal>())
            Assert.DoesNotContain(PlausibleRange.Of(signal).Gaps, PlausibleRange.Of(signal).IsPlausible);
    }

    internal static IReadOnlyList<(string Topic, string Json)> Examples() =>
        [.. Example.Matches(Page()).Select(m => (m.Groups[1].Value, m.Groups[2].Value))];

    static string Page([CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/WIRE-FORMAT.md"),
            Encoding.UTF8);
}
