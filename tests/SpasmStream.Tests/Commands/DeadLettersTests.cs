using System.Text.Json;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

[Collection(nameof(SettingsTests))]
public sealed class DeadLettersTests : IDisposable
{
    const string Ada = "spasmstream/v1/in/ada/watch/heart-rate";
    const string Good = """{"v":1,"t":1772919660000,"bpm":61}""";

    readonly TempFolder _folder = new();
    readonly WireDecoder _decoder = new();

    [Fact]
    public async Task D8_The_list_is_narrowed_by_reason_wearer_and_time()
    {
        await FillAsync(At(1, Message("{")), At(2, Message("""{"v":1,"t":1772919660000}""")),
            At(3, Message("{", "spasmstream/v1/in/bob/watch/heart-rate")));

        Assert.Equal([3, 2, 1], Ids());
        Assert.Equal([3, 1], Ids("--reason", "json"));
        Assert.Equal([2], Ids("--reason", "missing"));
        Assert.Equal([2], Ids("--reason", "missing:bpm"));
        Assert.Equal([], Ids("--reason", "miss"));
        Assert.Equal([2, 1], Ids("--wearer", "ada"));
        Assert.Equal([3], Ids("--since", "2026-03-08T03:00:00Z"));
        Assert.Equal([3], Ids("--limit", "1"));
        Assert.Equal([], Ids("--since", "1h"));
        var text = Run("list").Out;
        Assert.Contains("missing:bpm", text, StringComparison.Ordinal);
        Assert.Contains(Ada, text, StringComparison.Ordinal);
        Assert.Equal(64, Run("list", "--since", "yesterday").Code);
        Assert.Equal(64, Run("list", "--wearer", "A b").Code);
        Assert.Equal(64, Run("list", "--limit", "0").Code);
        Assert.Equal(64, Run("list", "--limit", "x").Code);
        Assert.Equal(64, Run("purge", "--older-than", "x").Code);
        Assert.Equal(64, Run("purge", "--wearer", "A b").Code);
    }

    [Fact]
    public async Task D8_A_payload_is_shown_with_its_control_characters_visible_or_as_bytes()
    {
        await FillAsync(Message("{\"a\":\"\u001b[31m\u202e\",\n\"b\":"), Message([0xFF, 0x00, 0x41]));

        var text = Run("show", "1").Out;
        Assert.Contains("\\u{001B}[31m\\u{202E}", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
        Assert.Contains("ff 00 41", Run("show", "2").Out, StringComparison.Ordinal);
        Assert.Equal("/wBB", Run("show", "2", "--json").Json.GetProperty("payload_base64").GetString());
        Assert.Equal(64, Run("show", "99").Code);
    }

    [Fact]
    public async Task D8_What_is_exported_is_read_by_import_byte_for_byte()
    {
        await FillAsync(At(1, Message("{")), At(2, Message([0xFF, 0x0A])), Message(new byte[300_000]));
        var file = _folder.At("refused.ndjson");

        var said = Run("export", "--out", file, "--json");

        Assert.Equal((2, 1), (said.Json.GetProperty("messages").GetInt32(),
            said.Json.GetProperty("cut").GetInt32()));
        var read = Worker.Commands.NdjsonFile.Read(file, (_, _) => Assert.Fail()).ToList();
        Assert.Equal(["7B", "FF0A"], read.Select(it => Convert.ToHexString(it.Payload.Span)));
        Assert.Equal(Received(1), read[0].Received);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(78, Run("export", "--out", file).Code);
    }

    [Fact]
    public async Task D8_What_is_good_now_leaves_with_its_first_receipt_and_the_rest_stays_and_is_told()
    {
        // Refused by an earlier program; this one can read the first.
        await FillAsAsync("unsupported", At(1, Message(Good)), At(2, Message("{")));

        var said = Run("requeue", "--reason", "unsupported", "--json");

        Assert.Equal(0, said.Code);
        Assert.Equal((2, 1, 1, 1), (Number(said, "messages"), Number(said, "good"), Number(said, "rows"),
            Number(said, "stay")));
        Assert.Equal("json", said.Json.GetProperty("staying")[0].GetProperty("reason").GetString());
        Assert.Equal("2|unsupported", Row("SELECT id, reason FROM dead_letter"));
        Assert.Equal($"61|{Received(1).ToUnixTimeMilliseconds()}", Row("SELECT value, received FROM sample"));
        Assert.Equal("1", Row("SELECT count(*) FROM dead_payload"));
        AssertAddsUp();
    }

    [Fact]
    public async Task D8_A_batch_is_read_whole_again_and_loses_the_rows_of_its_good_items_only()
    {
        var batch = $$"""[{{Good}},{"v":1},{"v":1,"t":1772919661000,"bpm":999}]""";
        await FillAsync(Message(batch));
        Assert.Equal("2", Row("SELECT count(*) FROM dead_letter"));
        Assert.Equal((1, 0), (Number(Run("requeue", "1", "--json"), "messages"), Number(
            Run("requeue", "1", "--json"), "good")));

        // The first refused item is told to be another: as if it were good by now.
        Change("UPDATE dead_letter SET item=0 WHERE id=1");
        var said = Run("requeue", "2", "--json");

        Assert.Equal((1, 1), (Number(said, "good"), Number(said, "stay")));
        Assert.Equal("1", Row("SELECT count(*) FROM sample"));
        // Item 1 is refused still, so it has a row again; item 2 kept its own.
        Assert.Equal("1|2", Row(
            "SELECT group_concat(item, '|') FROM (SELECT item FROM dead_letter ORDER BY 1)"));
        AssertAddsUp();
    }

    [Fact]
    public async Task D8_A_payload_that_was_cut_stays_and_is_told()
    {
        await FillAsync(Message(new byte[300_000]));

        var said = Run("requeue", "1", "--json");

        Assert.Equal((0, 1), (Number(said, "good"), Number(said, "stay")));
        Assert.Contains("65536 of 300000", said.Out, StringComparison.Ordinal);
        Assert.Equal("1", Row("SELECT count(*) FROM dead_letter"));
    }

    [Fact]
    public async Task D8_A_message_is_judged_by_the_time_it_came_and_a_stranger_stays_out()
    {
        var received = Instant.FromUnixTimeMilliseconds(1772919660000) + Duration.FromDays(40);
        await FillAsAsync("unsupported", Message(Good) with { Received = received },
            Message(Good) with { Received = received + Duration.FromHours(1), Replayed = true });
        await FillAsAsync("unauthorised", Message(Good, "spasmstream/v1/in/eve/watch/heart-rate"));

        var said = Run("requeue", "--reason", "unsupported", "--json");
        var stranger = Run("requeue", "--reason", "unauthorised", "--json");

        Assert.Equal((1, "too_old"), (Number(said, "good"),
            said.Json.GetProperty("staying")[0].GetProperty("reason").GetString()));
        Assert.Equal((0, 1), (Number(stranger, "good"), Number(stranger, "stay")));
        Assert.Equal("1", Row("SELECT count(*) FROM sample"));
    }

    [Fact]
    public async Task D8_A_purge_asks_for_a_yes_and_counts_what_goes()
    {
        await FillAsync(At(1, Message("{")), At(2, Message("[")),
            At(3, Message("}", "spasmstream/v1/in/bob/watch/heart-rate")));
        await FillAsAsync("unauthorised", Message("x", "spasmstream/v1/in/bob/watch/heart-rate"));

        Assert.Equal(64, Run("purge", "--all").Code);
        Assert.Equal(64, Run("purge").Code);
        Assert.Equal("4", Row("SELECT count(*) FROM dead_letter"));
        Assert.Equal(2, Number(Run("purge", "--wearer", "bob", "--yes", "--json"), "purged"));
        Assert.Equal("2|2", Row("SELECT count(*), (SELECT count(*) FROM dead_payload) FROM dead_letter"));
        Assert.Equal(2, Number(Run("purge", "--older-than", "1", "--yes", "--json"), "purged"));
        Assert.Equal("0|0", Row("SELECT count(*), (SELECT count(*) FROM dead_payload) FROM dead_letter"));
        AssertAddsUp();
        Assert.Contains("dead-letters-purge", File.ReadAllText(_folder.At("data/security-events.ndjson")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task D1_What_changes_the_store_is_refused_while_a_worker_holds_it()
    {
        await FillAsync(Message("{"));
        using var held = InstanceLock.Take(_folder.At("data"));

        Assert.Equal(78, Run("requeue", "1").Code);
        Assert.Equal(78, Run("purge", "--all", "--yes").Code);
        Assert.Equal([1], Ids());
    }

    [Fact]
    public void A_store_that_is_not_there_is_said_and_not_made()
    {
        Assert.Equal(78, Run("list").Code);
        Assert.Equal(78, Run("requeue", "1").Code);
        Assert.False(Directory.Exists(_folder.At("data")));
    }

    public void Dispose() => _folder.Dispose();

    static Instant Received(int hour) => Instant.FromUtc(2026, 3, 8, hour, 0);

    static Delivery At(int hour, Delivery message) => message with { Received = Received(hour) };

    static Delivery Message(string payload, string topic = Ada) => Some.Message(payload, topic: topic);

    static Delivery Message(byte[] payload) => Some.Message("") with { Payload = payload };

    async Task FillAsync(params Delivery[] deliveries) => await WriteAsync(session => Appending.Run(session,
        [.. deliveries.Select(it => new Arrival(it,
            _decoder.Decode(it.Topic, it.Payload, it.Received, DecodeLimits.AnyTime)))]));

    // Ada is known by then: who is nobody's wearer stays a stranger when it is read again.
    Task FillAsAsync(string reason, params Delivery[] deliveries) => WriteAsync(session =>
    {
        session.Names.Wearer(new Core.Signals.WearerId("ada"), Received(0));
        return Appending.Run(session, [.. deliveries.Select(it => new Arrival(it, (reason == "unauthorised"
            ? new Decoded() : new Decoded { Wearer = new Core.Signals.WearerId("ada") })
            with { Rejections = [new Rejection(reason, "As it was then.")] }))]);
    });

    void Change(string sql) => WriteAsync(session => session.Execute(sql)).GetAwaiter().GetResult();

    async Task WriteAsync<T>(Func<WriteSession, T> job)
    {
        using var writer = new StoreWriter(
            new StoreFile(_folder.At("data")), new StoreOptions(), TimeProvider.System);
        await writer.RunAsync(job, CancellationToken.None);
    }

    CliAnswer Run(params string[] arguments) => Cli.Run(["dead-letters", .. arguments, "--config",
        _folder.Write("settings.json",
            JsonSerializer.Serialize(new { Store = new { Directory = _folder.At("data") } }))]);

    long[] Ids(params string[] filter) => [.. Run(["list", "--json", .. filter]).Json
        .GetProperty("dead_letters").EnumerateArray().Select(it => it.GetProperty("id").GetInt64())];

    static int Number(CliAnswer said, string key) => said.Json.GetProperty(key).GetInt32();

    string Row(string sql)
    {
        using var reader = new StoreFile(_folder.At("data")).OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        Assert.True(row.Read());
        return string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.GetValue(i)));
    }

    void AssertAddsUp()
    {
        Assert.Equal("1", Row("""
            SELECT (SELECT count(*) FROM dead_letter) = coalesce(sum(CASE name WHEN 'DeadLetters' THEN value
                WHEN 'DeadLettersEvicted' THEN -value WHEN 'DeadLettersRequeued' THEN -value
                WHEN 'DeadLettersPurged' THEN -value END), 0) FROM counter
            """));
        Assert.Equal("0", Row("""
            SELECT sum(CASE name WHEN 'MessagesReceived' THEN value WHEN 'MessagesStored' THEN -value
                WHEN 'MessagesDuplicate' THEN -value WHEN 'MessagesDead' THEN -value
                WHEN 'MessagesEmpty' THEN -value WHEN 'MessagesIgnored' THEN -value ELSE 0 END) FROM counter
            """));
    }
}
