using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Tests.Hosting;

public sealed class LineFormatterTests
{
    readonly SteppedTime _time = new(Instant.FromUtc(2026, 3, 8, 21, 0));
    readonly LineFormatter _formatter;

    public LineFormatterTests() => _formatter = new LineFormatter(_time);

    [Theory]
    [InlineData("a\r\nb", "a\\r\\nb")]
    [InlineData("\u001b[31mred\u0007", "\\u001b[31mred\\u0007")]
    [InlineData("\u009bx\u0085y", "\\u009bx\\u0085y")]
    [InlineData("\u2028\u2029\u202e\u200b\ufeff", "\\u2028\\u2029\\u202e\\u200b\\ufeff")]
    [InlineData("\0", "\\u0000")]
    [InlineData("söurce 心", "söurce 心")]
    public void B56_S14_A_record_is_one_line_whatever_stands_in_it(string text, string written) =>
        Assert.Equal($"2026-03-08T21:00:00.000Z warn: Room[7] {written}\n", Line(text));

    [Fact]
    public void B56_S14_A_fault_with_its_stack_is_one_line()
    {
        var line = Line("It failed.", new InvalidOperationException("a\nb"));

        Assert.StartsWith("2026-03-08T21:00:00.000Z warn: Room[7] It failed. System.Invalid", line,
            StringComparison.Ordinal);
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
    }

    [Fact]
    public void S14_Of_a_kind_ten_a_second_are_written_and_the_rest_is_counted()
    {
        var lines = Enumerable.Range(0, 500).Select(_ => Line("x")).Count(it => it.Length > 0);

        Assert.Equal(10, lines);
        Assert.NotEmpty(Line("x", id: 8));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.EndsWith("x (490 more of this kind were not written)\n", Line("x"), StringComparison.Ordinal);
        Assert.EndsWith("x\n", Line("x"), StringComparison.Ordinal);
    }

    string Line(string text, Exception? fault = null, int id = 7)
    {
        using var writer = new StringWriter();
        _formatter.Write(new LogEntry<string>(LogLevel.Warning, "Room", new EventId(id), text, fault,
            (state, _) => state), null, writer);
        return writer.ToString();
    }
}
