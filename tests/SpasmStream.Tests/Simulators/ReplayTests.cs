using System.Text;
using System.Text.Json;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Replay;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Tests.Simulators;

public sealed class ReplayTests
{
    static readonly DateTimeZone NewYork = DateTimeZoneProviders.Tzdb["America/New_York"];
    readonly SourceReport _report = new();

    [Fact]
    public void Every_row_of_a_fitabase_file_becomes_one_value_even_within_one_second()
    {
        var messages = Read(
            "Id,Time,Value", "7,4/12/2016 7:21:00 AM,97", "7,4/12/2016 7:21:05 AM,98",
            "7,4/12/2016 7:21:05 AM,99", "7,4/12/2016 12:00:00 PM,61",
            "7,4/12/2016 11:59:59 PM,60", "7,4/13/2016 12:00:00 AM,59");

        Assert.Equal(6, Values(messages).Count);
        Assert.Equal([97, 98, 99], Values(messages[..1]).Select(value => value.Bpm));
        Assert.Equal(Instant.FromUtc(2016, 4, 12, 11, 21, 5), Values(messages)[2].At);
        Assert.Equal(Instant.FromUtc(2016, 4, 12, 11, 21, 6), messages[0].Received);
        Assert.Equal("spasmstream/v1/in/fitabase-7/fitbit/heart-rate", messages[0].Topic);
        Assert.Equal((6, 0, 6), (_report.Rows, _report.RowsNotSent, _report.Values));
    }

    [Fact]
    public void Rows_that_cannot_be_sent_are_counted_with_their_lines()
    {
        var messages = Read(
            "Id,Time,Value", "7,4/12/2016 7:21:00 AM,97", "7,13/12/2016 7:21:05 AM,98", "",
            "7,4/12/2016 7:21:10 AM,", "7,4/12/2016 7:21:10 AM", "7,4/12/2016 7:21:15 AM,96");

        Assert.Equal(2, Values(messages).Count);
        Assert.Equal((5, 3), (_report.Rows, _report.RowsNotSent));
        Assert.Equal(["line 3", "line 5", "line 6"], _report.Refused.Select(text => text.Split(':')[0]));
    }

    [Fact]
    public void The_hour_that_the_clocks_show_twice_is_read_twice()
    {
        var values = Values(Read(
            "Id,Time,Value", "7,11/6/2016 1:30:00 AM,60", "7,11/6/2016 1:59:00 AM,61",
            "7,11/6/2016 1:00:00 AM,62", "7,11/6/2016 1:30:00 AM,63", "7,11/6/2016 2:00:00 AM,64"));

        var first = Instant.FromUtc(2016, 11, 6, 5, 30);
        Assert.Equal(
            [0, 29, 30, 60, 90], values.Select(value => (value.At - first).TotalMinutes));
    }

    [Theory]
    [InlineData("Id,SleepDay,TotalSleepRecords,TotalMinutesAsleep,TotalTimeInBed", "without start and end")]
    [InlineData("Id,ActivityDate,TotalSteps,TotalDistance", "without start and end")]
    [InlineData("Id,ActivityDate,ActivityHour,TotalIntensity,AverageIntensity", "neither heart rate")]
    [InlineData("name,mail", "neither an interchange file")]
    public void Files_without_a_start_and_end_are_refused_with_the_reason(string header, string reason)
    {
        var refusal = Assert.Throws<ReplayRefusedException>(() => Read(header, "1,4/12/2016 12:00:00 AM,1"));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wall_clock_times_need_a_zone()
    {
        var refusal = Assert.Throws<ReplayRefusedException>(() =>
            ReplaySource.Read(["Id,Time,Value"], _report, null, null, zone: null));

        Assert.Contains("--zone", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_written_is_read_back_byte_for_byte()
    {
        var options = Published.Options(Character.Responder, days: 5);
        List<WireMessage> sent = [.. new SimulatedWearer(options).Messages()];
        sent.Add(new("spasmstream/v1/in/ada/strap/raw2a37", Published.Now, new byte[] { 0x10, 0x48, 0xff })
        {
            IsJson = false, Qos = 0, Retain = true,
        });
        using var file = new MemoryStream();
        var writer = new NdjsonWriter(file);
        sent.ForEach(writer.Write);

        var text = Encoding.UTF8.GetString(file.ToArray());
        var read = Read(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(sent.Count, read.Count);
        foreach (var (before, after) in sent.Zip(read))
        {
            Assert.True(before.Payload.Span.SequenceEqual(after.Payload.Span), before.Topic);
            Assert.Equal(
                (before.Topic, before.ReceivedText, before.Qos, before.Retain, before.IsJson),
                (after.Topic, after.ReceivedText, after.Qos, after.Retain, after.IsJson));
        }
    }

    [Theory]
    [InlineData("{\"topic\":\"a/#\",\"received\":\"2026-03-07T10:00:00Z\",\"payload\":{}}")]
    [InlineData("{\"topic\":\"a\",\"received\":\"yesterday\",\"payload\":{}}")]
    [InlineData("{\"topic\":\"a\",\"received\":\"2026-03-07T10:00:00Z\"}")]
    [InlineData("{\"topic\":\"a\",\"payload\":{},\"qos\":3}")]
    [InlineData("{\"payload\":{}}")]
    [InlineData("[]")]
    [InlineData("{\"topic\"")]
    public void A_line_that_is_no_message_is_counted_and_the_next_one_sent(string line)
    {
        var messages = Read(
            "{\"topic\":\"a/b\",\"payload\":{\"v\":1}}", line, "{\"topic\":\"c\",\"payload\":[]}");

        Assert.Equal(["a/b", "c"], messages.Select(message => message.Topic));
        Assert.Equal((3, 1), (_report.Rows, _report.RowsNotSent));
        Assert.StartsWith("line 2:", _report.Refused[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_can_be_given_to_another_wearer_and_device()
    {
        List<WireMessage> messages =
        [
            .. ReplaySource.Read(
                ["{\"topic\":\"spasmstream/v1/in/ada/watch/heart-rate\",\"payload\":{}}",
                    "{\"topic\":\"spasmstream/v1/in/ada/diary/state\",\"payload\":{}}"],
                _report, "eve", "ring", null),
        ];

        Assert.Equal(
            ["spasmstream/v1/in/eve/ring/heart-rate", "spasmstream/v1/in/eve/diary/state"],
            messages.Select(message => message.Topic));
    }

    [Fact]
    public void Real_recordings_lose_no_row()
    {
        var folder = Path.Combine(Recordings(), "fitabase-2016");
        Assert.SkipUnless(Directory.Exists(folder), "The shared recordings are not on this machine.");
        var files = Directory.GetFiles(folder, "heartrate_seconds_*.csv", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            var report = new SourceReport();
            List<WireMessage> messages =
                [.. ReplaySource.Read(File.ReadLines(file), report, "ada", null, NewYork)];

            var rows = File.ReadLines(file).Skip(1).Count(line => line.Length > 0);
            Assert.Equal(rows, Values(messages).Count);
            Assert.Equal((rows, 0, rows), (report.Rows, report.RowsNotSent, report.Values));
            Assert.All(messages, message => Assert.InRange(message.Payload.Length, 1, 200 * 1024));
        }
    }

    List<WireMessage> Read(params string[] lines) =>
        [.. ReplaySource.Read(lines, _report, null, null, NewYork)];

    static List<(Instant At, double Bpm)> Values(IReadOnlyList<WireMessage> messages)
    {
        List<(Instant, double)> values = [];
        foreach (var message in messages)
        {
            using var document = JsonDocument.Parse(message.Payload);
            var start = Instant.FromUnixTimeMilliseconds(document.RootElement.GetProperty("t0").GetInt64());
            var offsets = document.RootElement.GetProperty("dt").EnumerateArray();
            var rates = document.RootElement.GetProperty("bpm").EnumerateArray();
            values.AddRange(offsets.Zip(rates, (offset, rate) =>
                (start + Duration.FromMilliseconds(offset.GetInt64()), rate.GetDouble())));
        }
        return values;
    }

    static string Recordings()
    {
        if (Environment.GetEnvironmentVariable("SPASMSTREAM_DATA") is { Length: > 0 } stated)
            return stated;
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (Path.Combine(at.FullName, "..", "shared", "data") is var data && Directory.Exists(data))
                return data;
        return "";
    }
}
