using SpasmStream.Tests.Tidy;
using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>What every answer to a write means, as four kinds of server word it.</summary>
public sealed class AnswerSortTests
{
    /// <summary>Who says it, status, what to do, reason code, and what is said.</summary>
    public static TheoryData<string, int, string, string, string> Answers
    {
        get
        {
            var answers = new TheoryData<string, int, string, string, string>();
            foreach (var line in File.ReadLines(Repository.At("tests/SpasmStream.Tests/Influx/answers.tsv")))
                if (line.Split('\t') is [var of, var status, var step, var code, var text])
                    answers.Add(of, int.Parse(status), step, code, text);
            return answers;
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void I1_to_I14_Answers_are_sorted_into_what_to_do(
        string of, int status, string step, string code, string text)
    {
        var sorted = AnswerSort.Of(new InfluxAnswer(status, Text: text));

        Assert.Equal((of, step, code.Trim('-')), (of, sorted.Step.ToString(), sorted.Code));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void S13_What_was_answered_is_never_repeated(
        string of, int status, string step, string code, string text)
    {
        const string planted = "canary-3271";
        var sorted = AnswerSort.Of(new InfluxAnswer(status, Text: text + planted));

        Assert.DoesNotContain(planted, sorted.Reason + sorted.Code, StringComparison.Ordinal);
        Assert.True(step == "Done" || code.Length > 1 || sorted.Reason.EndsWith('.'), of);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(302)]
    [InlineData(400)]
    [InlineData(503)]
    public void I13_A_page_or_a_redirect_pauses_whatever_its_status(int status) =>
        Assert.Equal(NextStep.Pause, AnswerSort.Of(new InfluxAnswer(status, IsForeign: true)).Step);

    [Theory]
    [InlineData("7", 7)]
    [InlineData("0", 0)]
    [InlineData("1000000000", 31_536_000)]
    [InlineData("999999999999999999", 31_536_000)]
    [InlineData("Sun, 22 Nov 2026 22:00:30 GMT", 30)]
    [InlineData("Sun, 22 Nov 2026 21:00:00 GMT", 0)]
    [InlineData("x", null)]
    [InlineData("-7", null)]
    [InlineData("7.5", null)]
    [InlineData("", null)]
    public void F21_Retry_After_is_seconds_or_a_date_or_nothing(string text, int? seconds) => Assert.Equal(
        seconds is { } wanted ? TimeSpan.FromSeconds(wanted) : null,
        InfluxSaid.WaitOf(text, new DateTimeOffset(2026, 11, 22, 22, 0, 0, TimeSpan.Zero)));
}
