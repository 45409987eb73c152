using System.Text.Json;
using Dapper;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Replay;

/// <summary>Real recordings: everything in them is accounted for, whatever the forecasts are worth.</summary>
public sealed class RealRecordingTests
{
    static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("fitabase-2016/heartrate_seconds_2347167796.csv")]
    [InlineData("fitabase-2016/heartrate_seconds_7007744171.csv")]
    public async Task Every_row_of_a_replayed_recording_is_stored_or_accounted_for(string recording)
    {
        var csv = RealRecordings.Require(recording);
        using var folder = new TempFolder();
        var (port, page) = (FreePort.Next(), new Uri($"http://127.0.0.1:{FreePort.Next()}"));
        await using var worker = WorkerProcess.Start(folder.Path,
            ["run", "--config", folder.Write("settings.json", Settings(port, page))]);
        await worker.WaitUntilReadyAsync(page);
        var simulator = Path.Combine(
            Path.GetDirectoryName(WorkerProcess.Assembly)!, "spasmsim", "spasmsim.dll");
        await using var replay = new RunningProcess("dotnet",
            [simulator, "replay", csv, "--zone", "America/New_York", "--wearer", "owner", "--port", $"{port}",
                "--user", "feed", "--json"],
            folder.Path, new Dictionary<string, string> { ["SPASMSIM_PASSWORD"] = "feed-secret" });
        Assert.Equal(0, await replay.ExitAsync(_patience));
        Assert.Equal(0, await worker.StopAsync());

        var rows = File.ReadLines(csv).Skip(1).Count(line => line.Length > 0);
        using var said = JsonDocument.Parse(replay.Output.Split('\n').First(line => line.StartsWith('{')));
        Assert.Equal(rows, said.RootElement.GetProperty("rows").GetInt32());
        var notSent = said.RootElement.GetProperty("rowsNotSent").GetInt64();
        var file = new StoreFile(folder.At("data"));
        var kept = Scalar(file,
            "SELECT (SELECT count(*) FROM sample) + (SELECT count(*) FROM sample_superseded)");
        var others = Scalar(file, "SELECT coalesce(sum(value), 0) FROM counter WHERE name='SamplesDuplicate'")
            + Scalar(file, "SELECT count(*) FROM dead_letter");
        Assert.Equal(rows, kept + others + notSent);
        Assert.Equal(Scalar(file, "SELECT value FROM counter WHERE name='SamplesDecoded'"),
            kept + Scalar(file, "SELECT coalesce(sum(value), 0) FROM counter WHERE name='SamplesDuplicate'"));
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{rows} rows: {kept} kept, {others} duplicate or dead, {notSent} not sent");
    }

    [Fact]
    public async Task A_diary_of_tags_is_imported_whole_and_its_forecasts_are_judged()
    {
        var diary = RealRecordings.Require("oura-migraine-diary");
        using var folder = new TempFolder();
        var settings = folder.Write(
            "settings.json", Settings(FreePort.Next(), new Uri("http://127.0.0.1:8080")));
        var imported = await RunAsync(folder,
            "import", diary, "--wearer", "owner", "--config", settings, "--json");
        await RunAsync(folder, "export", "--out", "E.ndjson", "--forecasts", "F.csv", "--config", settings);
        var judged = await RunAsync(folder,
            "backtest", "--file", "E.ndjson", "--forecasts", "B.csv", "--config", settings, "--json");

        using var tally = JsonDocument.Parse(imported.Split('\n').First(line => line.StartsWith('{')));
        var (messages, dead) = (tally.RootElement.GetProperty("messages").GetInt64(),
            tally.RootElement.GetProperty("dead").GetInt64());
        var file = new StoreFile(folder.At("data"));
        var entries = Scalar(file, "SELECT count(*) FROM entry");
        var tags = File.ReadLines(Path.Combine(diary, "tags.csv")).Skip(1).Count(l => l.Length > 0);
        Assert.True(entries >= tags - Scalar(
            file, "SELECT coalesce(sum(value), 0) FROM counter WHERE name='EntriesDuplicate'"));
        Assert.Equal(0, dead);
        Assert.Equal(messages, entries
            + Scalar(file, "SELECT coalesce(sum(value), 0) FROM counter WHERE name='EntriesDuplicate'"));
        Assert.Equal(File.ReadAllBytes(folder.At("F.csv")), File.ReadAllBytes(folder.At("B.csv")));
        TestContext.Current.TestOutputHelper!.WriteLine($"{imported}\n{judged}");
    }

    static async Task<string> RunAsync(TempFolder folder, params string[] arguments)
    {
        await using var command = WorkerProcess.Start(folder.Path, arguments);
        var code = await command.Process.ExitAsync(_patience);
        Assert.True(code == 0, $"{arguments[0]}: {code}\n{command.Process.Output}");
        return command.Process.Output;
    }

    static long Scalar(StoreFile file, string sql)
    {
        using var reader = file.OpenReader();
        return reader.ExecuteScalar<long>(sql);
    }

    static string Settings(int port, Uri page) => JsonSerializer.Serialize(new
    {
        Store = new { Directory = "data" },
        Broker = new
        {
            Port = port, Accounts = new[] { new { User = "feed", Password = "feed-secret", Gateway = true } },
        },
        Intake = new { Replay = true },
        Web = new { Url = page.ToString().TrimEnd('/') },
        Wearers = new[] { new { Id = "owner", Zone = "America/New_York" } },
    });
}
