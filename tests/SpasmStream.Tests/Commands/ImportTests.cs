using System.Text;
using System.Text.Json;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

[Collection(nameof(SettingsTests))]
public sealed class ImportTests : IDisposable
{
    const string Tags = "start_utc,end_utc,utc_offset_hours,start_day,end_day,tag_type,tag\n";

    readonly TempFolder _folder = new();

    [Fact]
    public void Messages_of_a_file_are_stored_and_counted_by_kind_and_reason()
    {
        var said = Import(File(Line("heart-rate", """{"v":1,"t":1772919660000,"bpm":61}"""),
            Line("heart-rate", """{"v":1,"t0":1772919660000,"step":1000,"bpm":[62,63]}"""),
            Line("heart-rate", """{"v":1,"t":1772919660000}"""), Line("rr", "{\"v\":1}"), "",
            Line("steps", "\"eyJ2Ijox\"").Replace("payload", "payload_base64", StringComparison.Ordinal),
            "not json", """{"topic":"x"}"""));

        Assert.Equal(64, said.Code);
        var told = said.Json;
        Assert.Equal((5L, 3L, 2L, 3L), (Number(told, "messages"), Number(told, "dead"),
            Number(told, "bad_lines"), Number(told, "samples")));
        Assert.Equal(3, Number(told.GetProperty("kinds").GetProperty("heart-rate"), "messages"));
        Assert.Equal(1, Number(told.GetProperty("reasons"), "missing:bpm"));
        Assert.Equal(1, Number(told.GetProperty("reasons"), "json"));
        Assert.Contains("line 7: not a JSON object", said.Error, StringComparison.Ordinal);
        Assert.Contains("line 8: topic, received or payload is missing", said.Error,
            StringComparison.Ordinal);
        Assert.Equal(2, Count("SELECT count(*) FROM sample"));
        Assert.Equal(3, Count("SELECT count(*) FROM dead_letter"));
    }

    [Fact]
    public void A_dry_run_counts_the_same_and_leaves_nothing()
    {
        var file = File(Line("heart-rate", """{"v":1,"t":1772919660000,"bpm":61}"""),
            Line("rr", "{\"v\":1}"),
            Line("steps", """[{"v":1,"t":1772919660000,"dur":1000,"steps":3},{"v":1}]"""));

        var dry = Import(file, "--dry-run");
        Assert.False(Directory.Exists(_folder.At("data")));
        var wet = Import(file);

        Assert.Equal((0, 0), (dry.Code, wet.Code));
        Assert.True(dry.Json.GetProperty("dry_run").GetBoolean());
        foreach (var key in new[] { "messages", "dead", "samples", "entries", "kinds", "reasons" })
            Assert.Equal(wet.Json.GetProperty(key).GetRawText(), dry.Json.GetProperty(key).GetRawText());
    }

    [Fact]
    public void A_line_beyond_the_limit_is_counted_by_its_number_and_the_next_one_is_read()
    {
        var path = _folder.At("long.ndjson");
        using (var stream = System.IO.File.Create(path))
        {
            stream.Write(Utf8(Line("heart-rate", """{"v":1,"t":1772919660000,"bpm":61}""")));
            stream.Write("\n{\"topic\":\""u8);
            stream.Write(Utf8(new string('x', NdjsonFile.LongestLine + 1)));
            stream.Write("\n"u8);
            stream.Write(Utf8(Line("heart-rate", """{"v":1,"t":1772919661000,"bpm":61}""")));
        }

        var bad = new List<(int, string)>();
        var read = NdjsonFile.Read(path, (line, fault) => bad.Add((line, fault))).ToList();

        Assert.Equal((2, "longer than 16 MiB"), Assert.Single(bad));
        Assert.Equal(2, read.Count);
    }

    [Theory]
    [InlineData("a\nbb\r\n\nccc", 4, "a|bb||ccc", 4)]
    [InlineData("a\n", 4, "a", 1)]
    [InlineData("", 4, "", 0)]
    [InlineData("12345\n1234\n123456789012\n1", 4, "!|1234|!|1", 4)]
    [InlineData("12345", 4, "!", 1)]
    public void Lines_are_cut_at_their_ends_and_held_to_a_length(
        string text, int longest, string lines, int last)
    {
        var reader = new ByteLines(new MemoryStream(Utf8(text)), longest);
        var read = new List<string>();
        while (reader.TryRead(out var line, out var tooLong))
            read.Add(tooLong ? "!" : Encoding.UTF8.GetString(line));

        Assert.Equal(lines, string.Join('|', read));
        Assert.Equal(last, reader.Number);
    }

    [Fact]
    public async Task An_import_that_is_stopped_keeps_whole_batches_and_says_so()
    {
        using var store = new TempStore();
        using var stop = new CancellationTokenSource();
        var import = new Import(
            store.Writer, new WearerDirectory([], admitsStrangers: true), TimeProvider.System);

        await import.RunAsync(Deliveries(), stop.Token);

        Assert.True(import.Tally.Stopped);
        Assert.Equal(4_000, import.Tally.Messages);
        Assert.Equal("4000", store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("4000", store.Row("SELECT value FROM counter WHERE name='MessagesReceived'"));

        IEnumerable<Delivery> Deliveries()
        {
            for (var i = 0; i < 10_000; i++)
            {
                if (i == 5_000)
                    stop.Cancel();
                yield return Some.Bpm(i, 60);
            }
        }
    }

    [Fact]
    public void B49_A_diary_with_quotes_line_breaks_and_formulas_is_read_as_text()
    {
        Diary(Tags + "2026-03-08T08:10:00Z,,1.0,2026-03-08,,\"=cmd|' /C calc'!A0\",x\r\n"
            + "2026-03-08T09:10:00Z,,1.0,2026-03-08,,\"two\r\nlines, \"\"quoted\"\"\",x\n"
            + "2026-03-08T10:10:00Z,,1.0,2026-03-08,,wine,x\n");

        var said = Cli.Run("import", _folder.At("diary"), "--wearer", "ada", "--config", Config(), "--json");

        // A line break may not stand in a label: the decoder says so, and nothing else is touched.
        Assert.Equal((3L, 1L, 0L), (Number(said.Json, "messages"), Number(said.Json, "dead"),
            Number(said.Json, "bad_lines")));
        Assert.Equal(1, Count("SELECT count(*) FROM entry WHERE CAST(payload AS TEXT) LIKE '%\"=cmd|%'"));
    }

    [Fact]
    public void B49_Wrong_rows_are_told_by_their_line_and_passed_over()
    {
        Diary(Tags + "yesterday,,1.0,2026-03-08,,wine,x\n"
            + "2026-03-08T08:10:00Z,,1.0\n"
            + "2026-03-08T08:10:00Z,,99,2026-03-08,,wine,x\n"
            + "2026-03-08T08:10:00Z,,1.0,2026-03-08,,wi\"ne,x\n"
            + "9999-12-31T23:59:59Z,,-18,2026-03-08,,wine,x\n"
            + "2026-03-08T08:10:00Z,,1.0,2026-03-08,,wine,x\n");

        var said = Cli.Run("import", _folder.At("diary"), "--wearer", "ada", "--config", Config(), "--json");

        Assert.Equal(64, said.Code);
        Assert.Equal((1L, 5L), (Number(said.Json, "messages"), Number(said.Json, "bad_lines")));
        for (var line = 2; line <= 6; line++)
            Assert.Contains($"line {line}: tags.csv:", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void B49_Files_beyond_the_limits_or_without_their_columns_are_refused()
    {
        Refused(string.Join(',', Enumerable.Range(0, 1_000_000)) + "\n1\n", "tags.csv");
        Refused(string.Join(',', Enumerable.Range(0, 65).Select(i => $"c{i}")) + "\n1\n", "65 columns");
        Refused("a,b,c\n1,2,3\n", "no column start_utc");
        Diary(Tags);
        using (var grow = System.IO.File.OpenWrite(_folder.At("diary/tags.csv")))
            grow.SetLength(CsvRows.FileMax + 1);
        Assert.Contains("100 MiB", Diaried().Error, StringComparison.Ordinal);

        void Refused(string text, string says)
        {
            Diary(text);
            var said = Diaried();
            Assert.Equal(78, said.Code);
            Assert.Contains(says, said.Error, StringComparison.Ordinal);
        }

        CliAnswer Diaried() =>
            Cli.Run("import", _folder.At("diary"), "--wearer", "ada", "--config", Config());
    }

    [Fact]
    public void B49_A_row_without_an_end_is_told_and_ends_the_file()
    {
        Diary(Tags + "2026-03-08T08:10:00Z,,1.0,2026-03-08,,wine,x\n2026-03-08T08:10:00Z,,1.0,,,\""
            + new string('x', 2 << 20));

        var said = Cli.Run("import", _folder.At("diary"), "--wearer", "ada", "--config", Config(), "--json");

        Assert.Equal((1L, 1L), (Number(said.Json, "messages"), Number(said.Json, "bad_lines")));
        Assert.Contains("line 3: tags.csv: more than 1 MiB", said.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    static string Line(string kind, string payload) => "{\"topic\":\"spasmstream/v1/in/ada/watch/" + kind
        + "\",\"received\":\"2026-03-08T00:00:00Z\",\"payload\":" + payload + "}";

    static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    string File(params string[] lines) => _folder.Write("in.ndjson", string.Join('\n', lines) + "\n");

    void Diary(string tags)
    {
        Directory.CreateDirectory(_folder.At("diary"));
        _folder.Write("diary/tags.csv", tags);
    }

    string Config() => _folder.Write("settings.json",
        JsonSerializer.Serialize(new { Store = new { Directory = _folder.At("data") } }));

    CliAnswer Import(string file, params string[] more) =>
        Cli.Run(["import", file, "--config", Config(), "--json", .. more]);

    static long Number(JsonElement told, string key) => told.GetProperty(key).GetInt64();

    long Count(string sql)
    {
        using var reader = new StoreFile(_folder.At("data")).OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
