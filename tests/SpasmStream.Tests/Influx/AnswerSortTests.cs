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
    [InlineData(0, "")]
    [InlineData(400, "database is required")]
    [InlineData(401, "")]
    [InlineData(403, "")]
    [InlineData(404, "page not found")]
    [InlineData(404, "database not found")]
    [InlineData(404, "organization not found")]
    [InlineData(408, "")]
    [InlineData(418, "")]
    [InlineData(422, "limit of tables")]
    [InlineData(429, "")]
    [InlineData(500, "")]
    [InlineData(500, "retention policy not found")]
    [InlineData(503, "")]
    public void F21_Who_asks_us_to_wait_is_heard_whatever_else_is_said(int status, string text)
    {
        var asked = TimeSpan.FromSeconds(7);

        Assert.Equal(asked, AnswerSort.Of(new InfluxAnswer(status, asked, text)).Asked);
    }

    [Theory]
    [InlineData(0, "", "InfluxDB does not answer.")]
    [InlineData(401, "", "password or token")]
    [InlineData(403, "", "may not write")]
    [InlineData(404, "page not found", "Influx:Version")]
    [InlineData(404, "organization not found", "organisation")]
    [InlineData(413, "", "too large")]
    [InlineData(418, "", "418")]
    [InlineData(400, "database is required", "Influx:Bucket")]
    [InlineData(400, "max-values-per-tag", "limit of series")]
    [InlineData(422, "limit", "tables or columns")]
    [InlineData(429, "", "asks us to wait")]
    [InlineData(495, "", "Influx:CaFile")]
    [InlineData(502, "", "(status 502)")]
    [InlineData(503, "", "asks us to wait")]
    public void I7_What_is_said_of_it_is_a_sentence_that_says_where_to_look(
        int status, string text, string words)
    {
        var said = AnswerSort.Of(new InfluxAnswer(status, Text: text)).Reason;

        Assert.Contains(words, said, StringComparison.Ordinal);
        Assert.Matches(@"^[A-Z].*[^.]\.$", said);
    }

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
