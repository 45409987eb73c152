using System.Globalization;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;
using SQLitePCL;

namespace SpasmStream.Tests.Store;

/// <summary>
/// As much at one instant as a message holds: four times as many take about four times the work, counted in
/// steps of SQLite and in bytes allocated, and not sixteen times.
/// </summary>
public sealed class CrowdedKeyTests
{
    const int Few = 120;
    const double Most = 6;

    [Theory]
    [InlineData("rising")]
    [InlineData("falling")]
    [InlineData("each told again with less quality")]
    [InlineData("plain revisions")]
    public Task D5_Values_of_one_instant_take_work_by_their_number(string shape) => MeasureAsync(shape);

    [Theory]
    [InlineData("an id's rising revisions")]
    [InlineData("an id's falling revisions")]
    [InlineData("an id's versions of one revision")]
    [InlineData("an id's versions, each of several values")]
    [InlineData("an id's versions and withdrawals")]
    [InlineData("an id that moves")]
    [InlineData("an id's versions over many plain values")]
    public Task D5_Versions_of_one_id_take_work_by_their_number(string shape) => MeasureAsync(shape);

    [Fact]
    public async Task D5_Versions_of_one_id_in_many_messages_of_a_batch_take_work_by_their_number()
    {
        static Delivery[] Of(int count) =>
            [.. Enumerable.Range(0, count).Select(i => Some.Message(Version(i, Value(i))))];
        await WorkAsync(Of(10));

        Compare(await WorkAsync(Of(Few)), await WorkAsync(Of(4 * Few)));
    }

    static async Task MeasureAsync(string shape)
    {
        await WorkAsync(Message(shape, 8));
        Compare(await WorkAsync(Message(shape, Few)), await WorkAsync(Message(shape, 4 * Few)));
    }

    static void Compare((long Steps, long Bytes) few, (long Steps, long Bytes) many)
    {
        Assert.InRange((double)many.Steps / few.Steps, 1, Most);
        Assert.InRange((double)many.Bytes / few.Bytes, 1, Most);
    }

    /// <summary>What it takes to keep messages in a store of their own.</summary>
    static async Task<(long Steps, long Bytes)> WorkAsync(params Delivery[] messages)
    {
        using var store = new TempStore();
        Arrival[] arrivals = [.. messages.Select(TempStore.Read)];
        return await store.RunAsync(session =>
        {
            var file = session.Connection.Handle;
            var steps = 0L;
            raw.sqlite3_progress_handler(file, 10, _ => { steps++; return 0; }, null);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcomes = Appending.Run(session, arrivals);
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            raw.sqlite3_progress_handler(file, 0, null, null);
            Assert.All(outcomes, outcome => Assert.Null(outcome.Reason));
            return (steps, bytes);
        });
    }

    static Delivery Message(string shape, int count)
    {
        var all = Enumerable.Range(0, count).ToList();
        return Some.Message(shape switch
        {
            "rising" => Column(all.Select(Value)),
            "falling" => Column(all.Select(i => Value(count - i))),
            "each told again with less quality" => Together(all.Select(i =>
                $$"""{{Object(Value(i % (count / 2)))}},"q":{{(i < count / 2 ? "0.9" : "0.5")}}}""")),
            "plain revisions" => Together(all.Select(i => $$"""{{Object(Value(i))}},"rev":{{i}}}""")),
            "an id's rising revisions" => Together(all.Select(i => Version(i, Value(i)))),
            "an id's falling revisions" => Together(all.Select(i => Version(count - i, Value(i)))),
            "an id's versions of one revision" => Together(all.Select(i => Version(1, Value(i)))),
            "an id's versions, each of several values" => Together(all.Select(i => Column(
                Enumerable.Range(0, 4).Select(k => Value(4 * i + k)), $",\"id\":\"a\",\"rev\":{i}"))),
            "an id's versions and withdrawals" => Together(all.Select(i => i % 2 == 0 ? Version(i, Value(i))
                : $$"""{"v":1,"op":"delete","id":"a","rev":{{i}}}""")),
            "an id that moves" => Together(all.Select(i => Version(i, 60, i))),
            _ => Together([Column(all.Select(Value)), .. all.Select(i => Version(i, Value(i)))]),
        });
    }

    static double Value(int i) => 60 + i * 0.001;

    static string Column(IEnumerable<double> values, string more = "")
    {
        var texts = values.Select(Text).ToList();
        return $$"""
            {"v":1,"t0":{{Some.Ms(0)}},"dt":[{{string.Join(',', texts.Select(_ => "0"))}}],
             "bpm":[{{string.Join(',', texts)}}]{{more}}}
            """;
    }

    static string Object(double value) => $$"""{"v":1,"t":{{Some.Ms(0)}},"bpm":{{Text(value)}}""";

    static string Version(int revision, double value, int second = 0) =>
        $$"""{"v":1,"t":{{Some.Ms(second)}},"id":"a","rev":{{revision}},"bpm":{{Text(value)}}}""";

    static string Together(IEnumerable<string> objects) => $"[{string.Join(',', objects)}]";

    static string Text(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
