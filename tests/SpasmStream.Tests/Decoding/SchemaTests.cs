using System.Text.Json;
using NJsonSchema;
using SpasmStream.Core.Risk;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Decoding;

/// <summary>The schemas say what the decoder does.</summary>
/// <remarks>
/// What a schema cannot say stays with the decoder: columns of unequal length, stages that overlap, instants
/// in the future. A schema is stricter in one thing: of two members that exclude each other neither may be
/// null.
/// </remarks>
public sealed class SchemaTests
{
    /// <summary>Words that came after draft 4 and that many validators pass over.</summary>
    static readonly string[] _later =
    [
        "$id", "const", "contains", "propertyNames", "if", "then", "else", "$defs", "examples",
        "dependentRequired", "dependentSchemas", "prefixItems", "unevaluatedProperties", "minContains",
    ];

    public static TheoryData<string> Kinds =>
        [.. WireKind.OfDevices.Concat(WireKind.OfDiary).Where(k => k.Read is not null).Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_the_decoder_reads_is_valid(string kind)
    {
        var schema = await SchemaOf(kind);
        var messages = WireFormatTests.Examples().Select(e => (Folder: "the page", e.Topic, e.Json))
            .Concat(GoldenTests.Accepted()).Where(m => m.Topic.EndsWith($"/{kind}", StringComparison.Ordinal))
            .ToList();

        Assert.InRange(messages.Count, 2, 40);
        Assert.All(messages, m =>
            Assert.True(schema.Validate(m.Json).Count == 0, $"{m.Folder}: {m.Json}"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_is_invalid_is_refused_by_the_decoder_too(string kind)
    {
        var schema = await SchemaOf(kind);
        var isDiary = WireKind.OfDiary.Any(k => k.Name == kind);
        var topic = $"spasmstream/v1/in/ada/{(isDiary ? "diary" : "watch")}/{kind}";

        Assert.InRange(Mutations.ByKind[kind].Length, 5, 40);
        Assert.All(Mutations.ByKind[kind].SelectMany(members => (string[])
        [
            $"{{\"v\":1,{members}}}", $"[{{\"v\":1,{members}}}]",
        ]), json =>
        {
            Assert.True(schema.Validate(json).Count > 0, $"valid: {json}");
            Assert.True(Wire.Decode(topic, json).Rejections.Count > 0, $"read: {json}");
        });
        Assert.All((string[])["{}", "[]", "7", "[7]", "{\"v\":2}", "{\"v\":\"1\"}"], json =>
        {
            Assert.NotEmpty(schema.Validate(json));
            Assert.NotEmpty(Wire.Decode(topic, json).Rejections);
        });
    }

    [Fact]
    public void Every_kind_has_its_schema_of_draft_4()
    {
        var files = Directory.GetFiles(Repository.At("src/schemas"));

        Assert.Equal(
            Kinds.Select(row => row.Data).Append("risk").Order(),
            files.Select(f => Path.GetFileNameWithoutExtension(f)!).Order());
        foreach (var file in files)
        {
            using var schema = JsonDocument.Parse(File.ReadAllText(file));
            Assert.Equal("http://json-schema.org/draft-04/schema#",
                schema.RootElement.GetProperty("$schema").GetString());
            Assert.DoesNotContain(Names(schema.RootElement), _later.Contains);
        }
    }

    [Fact]
    public async Task The_forecast_that_goes_out_is_valid()
    {
        var schema = await SchemaOf("risk");
        const string known = """
            {"v":1,"issued":"2026-03-08T06:30:00Z","kind":"morning","target":"migraine","probability":0.31,
             "base_rate":0.15,"relative_risk":2.07,"band":"raised",
             "window":{"from":"2026-03-08T06:30:00Z","to":"2026-03-09T06:30:00Z"},
             "reasons":[{"feature":"tst","value":292,"usual":431,"unit":"min"}],
             "data_until":"2026-03-08T06:12:00Z","gate":"learning","model":"prior-only/1"}
            """;

        Assert.Empty(schema.Validate(known));
        Assert.Empty(schema.Validate(System.Text.Encoding.UTF8.GetString(RiskMessage.Risk(Unknown()))));
        Assert.All((string[])
        [
            known.Replace("\"v\":1,", "", StringComparison.Ordinal),
            known.Replace("0.31", "1.31", StringComparison.Ordinal),
            known.Replace("raised", "red", StringComparison.Ordinal),
            known.Replace("2026-03-08T06:30:00Z", "2026-03-08", StringComparison.Ordinal),
            known.Replace("\"unit\"", "\"units\"", StringComparison.Ordinal),
            known.Replace("0.15", "\"0.15\"", StringComparison.Ordinal),
        ], json => Assert.NotEmpty(schema.Validate(json)));
    }

    static Task<JsonSchema> SchemaOf(string kind) => JsonSchema.FromFileAsync(
        Repository.At($"src/schemas/{kind}.json"), TestContext.Current.CancellationToken);

    static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(m => Names(m.Value).Prepend(m.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    static Forecast Unknown() => new()
    {
        Issued = Wire.Received,
        Date = new LocalDate(2026, 3, 8),
        Kind = ForecastKind.Evening,
        Target = "spasm",
        BaseRate = 0.1,
        Band = Band.Unknown,
        AtRisk = true,
        Coverage = 0.2,
        Gap = "no_night",
        Gate = "learning",
        Model = "prior-only/1",
        Features = [],
        Reasons = [],
    };
}
