using System.Security.Cryptography;
using System.Text.Json;
using SpasmStream.Tests.Hosting;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

/// <summary>What the doctor sees in a folder and a file, and that nobody can see it was there.</summary>
[Collection(nameof(SettingsTests))]
public sealed class DoctorTests : IDisposable
{
    static readonly Instant _now = Some.Start + Duration.FromHours(2);

    readonly TempFolder _folder = new();

    [Fact]
    public async Task A_healthy_store_is_told_so_without_a_trace()
    {
        await FillAsync(Some.Bpm(0, 60));
        var before = Trace();

        var findings = await StoreAsync();

        Assert.All(findings, it => Assert.Equal((FindingState.Ok, "store"), (it.State, it.Area)));
        Assert.Contains(findings, it => it.Seen.Contains("is whole", StringComparison.Ordinal));
        Assert.Equal(before, Trace());
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_fine_and_stays_away()
    {
        Assert.Equal(FindingState.Ok, Assert.Single(await StoreAsync()).State);
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task A_file_where_the_folder_belongs_fails()
    {
        _folder.Write("data", "");

        Assert.Contains("a file stands there", Assert.Single(await StoreAsync(), IsFailed).Seen,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PRAGMA application_id=7", "another program")]
    [InlineData("PRAGMA user_version=99", "schema 99")]
    public async Task D1_A_foreign_or_newer_file_fails_untouched(string mark, string says)
    {
        await FillAsync(Some.Bpm(0, 60));
        Change(mark);
        var before = Trace();

        Assert.Contains(says, Assert.Single(await StoreAsync(), IsFailed).Seen, StringComparison.Ordinal);
        Assert.Equal(before, Trace());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_torn_file_fails_untouched(bool whole)
    {
        await FillAsync([.. Enumerable.Range(0, 5_000).Select(i => Some.Bpm(i, 60))]);
        var path = Path.Combine(Data, "spasmstream.db");
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        if (whole)
            bytes.AsSpan().Fill(0x55);
        else
            bytes.AsSpan(bytes.Length / 2, 20_000).Fill(0x55);
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        var before = Trace();

        Assert.Contains("damaged", Assert.Single(await StoreAsync(), IsFailed).Seen,
            StringComparison.Ordinal);
        Assert.Equal(before, Trace());
    }

    [Theory]
    [InlineData(".", 0x1ED, "is open to other users")]
    [InlineData("spasmstream.db", 0x1A4, "is open to other users")]
    [InlineData("broker-password", 0x1A4, "is open to other users")]
    [InlineData("accounts.json", 0x1A4, "is open to other users")]
    [InlineData("wearers.json", 0x1A4, "is open to other users")]
    [InlineData("instance.json", 0x1A4, "is open to other users")]
    [InlineData(".", 0x140, "may not be written to")]
    public async Task S29_Rights_that_are_wrong_fail_with_what_to_type(string name, int mode, string says)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such rights there.");
        await FillAsync(Some.Bpm(0, 60));
        GatewayAccount.Open(Data);
        foreach (var beside in (string[])["accounts.json", "wearers.json", "instance.json"])
            OwnerFile.Write(Path.Combine(Data, beside), "{}");
        var path = Path.GetFullPath(Path.Combine(Data, name)).TrimEnd('/');
        SetMode(path, mode);

        var finding = Assert.Single(await StoreAsync(), IsFailed);
        SetMode(Data, 0x1C0);

        Assert.Contains(says, finding.Seen, StringComparison.Ordinal);
        Assert.Contains($"{path}", finding.Advice, StringComparison.Ordinal);
        Assert.StartsWith("chmod", finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_store_says_is_told_with_what_to_do()
    {
        await FillAsync(Some.Bpm(0, 60), Some.Message("{"));
        Change("""
            INSERT INTO gap(cause, start) VALUES('session lost', 0);
            INSERT INTO device(wearer, name, at, received, online, battery)
                SELECT 1, 'band', $now, $now, 1, 9;
            INSERT INTO outbox SELECT 'a', 'mqtt', 1, $now-3600000, '{}', 'pending', 0, 0, 0, NULL, NULL;
            INSERT INTO outbox SELECT 'b', 'mqtt', 1, 0, '{}', 'expired', 0, 0, 0, $now-1000, NULL;
            """.Replace("$now", $"{_now.ToUnixTimeMilliseconds()}", StringComparison.Ordinal));

        var soon = Content(_now);
        var later = Content(_now + Duration.FromDays(2));

        Assert.Equal(["devices", "dead letters", "gaps", "outbox", "outbox", "wearers"],
            soon.Where(it => it.State == FindingState.Warning).Select(it => it.Area)
                .OrderBy(it => it != "devices").ThenBy(it => it, StringComparer.Ordinal));
        Assert.Contains(soon, it => it.Seen.Contains("ada", StringComparison.Ordinal));
        Assert.Contains(soon, it => it.Seen.Contains("ada/band", StringComparison.Ordinal));
        Assert.Contains(soon, it => it.Seen.Contains("1 json", StringComparison.Ordinal));
        Assert.Contains(later, it => it.Seen.Contains("2 silent", StringComparison.Ordinal));
        Assert.Contains(later, it => it.Seen.Contains("None in 24 hours, 1 kept", StringComparison.Ordinal));
        Assert.DoesNotContain(Content(_now + Duration.FromDays(40)),
            it => it is { Area: "devices", State: not FindingState.Ok });
    }

    [Fact]
    public async Task Whoever_is_listed_and_erased_is_named_and_whoever_was_added_is_no_stranger()
    {
        await FillAsync(Some.Bpm(0, 60));
        new WearerFile(Data).Change(all => all.Add(new WearerOptions { Id = "ada" }));
        Assert.DoesNotContain(Content(_now), it => it is { Area: "wearers", State: not FindingState.Ok });
        using (var writer = new StoreWriter(new StoreFile(Data), new StoreOptions(), TimeProvider.System))
            await writer.RunAsync(session =>
            {
                session.Erased.Add(new Core.Signals.WearerId("ada"), _now);
                return true;
            }, CancellationToken.None);

        Assert.Contains("erased, so nothing of them is taken in: ada",
            Assert.Single(Content(_now), it => it.Area == "wearers").Seen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clock_behind_the_store_fails()
    {
        Assert.Equal(FindingState.Failed, DoctorPlace.Clock(_now, _now + Duration.FromMinutes(1)).State);
        Assert.Equal(FindingState.Ok, DoctorPlace.Clock(_now, _now).State);
        Assert.Equal(FindingState.Ok, DoctorPlace.Clock(_now, null).State);
    }

    [Fact]
    public void A_configuration_with_faults_is_told_line_by_line_and_nothing_is_tried()
    {
        var said = Cli.Run("doctor", "--json", "--config", _folder.Write("bad.json", """
            { "Mqtt": { "Hsot": "x" }, "Web": { "Enabled": "perhaps" } }
            """));

        Assert.Equal(78, said.Code);
        Assert.False(said.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(["configuration failed", "configuration failed"],
            said.Json.GetProperty("findings").EnumerateArray().Select(it =>
                $"{it.GetProperty("area").GetString()} {it.GetProperty("state").GetString()}"));
    }

    [Fact]
    public void The_holder_of_the_lock_is_found_without_taking_it()
    {
        if (!LockHolder.CanSee)
            Assert.Skip("This system does not tell who has a file open.");
        Assert.Null(LockHolder.Find(Data));
        using (InstanceLock.Take(Data))
            // Our own process holds it, and is not meant.
            Assert.Null(LockHolder.Find(Data));

        Assert.Null(LockHolder.Find(Data));
        using var again = InstanceLock.Take(Data);
    }

    public void Dispose() => _folder.Dispose();

    string Data => _folder.At("data");

    static bool IsFailed(DoctorFinding finding) => finding.State == FindingState.Failed;

    Settings Configured()
    {
        var file = _folder.Write("settings.json",
            JsonSerializer.Serialize(new { Store = new { Directory = Data } }));
        return Settings.Load(file).Settings;
    }

    async Task<IReadOnlyList<DoctorFinding>> StoreAsync()
    {
        var store = new DoctorStore(Configured(), workerRuns: false);
        return [.. store.Folder(), .. await store.FileAsync(_now, TestContext.Current.CancellationToken)];
    }

    List<DoctorFinding> Content(Instant now)
    {
        using var reader = new StoreFile(Data).OpenStill();
        return [.. new DoctorContent(reader, Configured(), now).All()];
    }

    async Task FillAsync(params Delivery[] deliveries)
    {
        var decoder = new Worker.Decoding.WireDecoder();
        using var writer = new StoreWriter(new StoreFile(Data), new StoreOptions(), TimeProvider.System);
        await writer.RunAsync(session => Appending.Run(session, [.. deliveries.Select(it => new Arrival(it,
            decoder.Decode(it.Topic, it.Payload, it.Received, Worker.Decoding.DecodeLimits.AnyTime)))]),
            CancellationToken.None);
    }

    void Change(string sql)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={Path.Combine(Data, "spasmstream.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    static void SetMode(string path, int mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, (UnixFileMode)mode);
    }

    /// <summary>Every file with its content and rights.</summary>
    string[] Trace() => [.. Directory.EnumerateFileSystemEntries(Data).Order(StringComparer.Ordinal)
        .Select(it => $"{it} {new FileInfo(it).UnixFileMode} "
            + Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(it))))];
}
