using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>What every answer to a write means, as four kinds of server word it.</summary>
public sealed class AnswerSortTests
{
    public static TheoryData<string, int, string, string, string> Answers => new()
    {
        { "I01 1.x 2.x", 204, "", "Done", "" },
        { "I01 3.x empty body", 200, "", "Done", "" },
        { "I02 1.x", 400, """{"error":"partial write: field type conflict: input field \"value\" on measurement \"steps\" is type string, already exists as type float dropped=1"}""", "Bisect", "influx_type" },
        { "I02 3.x", 400, """{"error":"partial write of line protocol occurred","data":[{"line_number":2,"error_message":"invalid column type for column 'value', expected iox::column_type::field::float"}]}""", "Bisect", "influx_type" },
        { "I03 1.x", 400, """{"error":"partial write: unable to parse 'm v= 2': missing field value dropped=0"}""", "Bisect", "influx_line" },
        { "I03 2.x", 400, """{"code":"invalid","message":"unable to parse 'm v=': missing field value"}""", "Bisect", "influx_line" },
        { "I03 3.x", 400, """{"error":"parsing failed for write_lp endpoint","data":[{"line_number":1}]}""", "Bisect", "influx_line" },
        { "I03 Victoria", 400, "cannot parse line", "Bisect", "influx_line" },
        { "I04 2.x", 422, """{"code":"unprocessable entity","message":"failure writing points to database: partial write: field type conflict"}""", "Bisect", "influx_type" },
        { "I04 3.x", 422, """{"error":"Update to schema would exceed number of tables per database limit of 2000 tables"}""", "Pause", "" },
        { "I05 1.x", 400, """{"error":"partial write: points beyond retention policy dropped=1"}""", "Bisect", "beyond_retention" },
        { "I05 2.x", 422, """{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=1"}""", "Bisect", "beyond_retention" },
        { "I06 1.x", 413, """{"error":"Request Entity Too Large"}""", "Halve", "too_large" },
        { "I06 2.x", 413, """{"code":"request too large","message":"cannot read data: points batch is too large"}""", "Halve", "too_large" },
        { "I07 1.x", 401, """{"error":"authorization failed"}""", "Pause", "" },
        { "I07 1.x rights", 403, """{"error":"\"w\" user is not authorized to write to database \"t\""}""", "Pause", "" },
        { "I07 2.x", 401, """{"code":"unauthorized","message":"unauthorized access"}""", "Pause", "" },
        { "I08 1.x", 404, """{"error":"database not found: \"t\""}""", "Create", "" },
        { "I08 2.x", 404, """{"code":"not found","message":"bucket \"t\" not found"}""", "Create", "" },
        { "I08 2.x org", 404, """{"code":"not found","message":"organization name \"o\" not found"}""", "Pause", "" },
        { "I08 path", 404, "404 page not found\n", "Pause", "" },
        { "I09 1.x", 500, """{"error":"retention policy not found: nope"}""", "Pause", "" },
        { "I10 1.x", 503, "write limit reached", "Wait", "" },
        { "I10 cloud", 429, """{"code":"too many requests","message":"org has exceeded limited_write plan limit"}""", "Wait", "" },
        { "I11 1.x", 500, """{"error":"timeout"}""", "Wait", "" },
        { "I11 proxy", 502, "", "Wait", "" },
        { "I11 request", 408, "", "Wait", "" },
        { "I12 no answer", 0, "", "Wait", "" },
        { "I13 unknown", 418, "", "Pause", "" },
        { "1.x limit", 400, """{"error":"partial write: max-values-per-tag limit exceeded (100000/100000): measurement=\"steps\" tag=\"device\" value=\"x\" dropped=1"}""", "Pause", "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Answers_are_sorted_into_what_to_do(string of, int status, string text, string step, string code)
    {
        var sorted = AnswerSort.Of(new InfluxAnswer(status, Text: text));

        Assert.Equal((of, step, code), (of, sorted.Step.ToString(), sorted.Code));
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public void S13_What_was_answered_is_never_repeated(string of, int status, string text, string step, string code)
    {
        const string planted = "canary-3271";
        var sorted = AnswerSort.Of(new InfluxAnswer(status, Text: text + planted));

        Assert.DoesNotContain(planted, sorted.Reason + sorted.Code, StringComparison.Ordinal);
        Assert.True(step == "Done" || code.Length > 0 || sorted.Reason.EndsWith('.'), of);
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
