namespace SpasmStream.Worker.Influx;

/// <summary>What to do after an answer.</summary>
enum NextStep
{
    /// <summary>All of it is there.</summary>
    Done,

    /// <summary>Something in it is refused: halve until it is found.</summary>
    Bisect,

    /// <summary>It is too large: send less at once, from now on.</summary>
    Halve,

    /// <summary>The same bytes again, a little later.</summary>
    Wait,

    /// <summary>Somebody has to repair something: keep everything, try seldom.</summary>
    Pause,

    /// <summary>There is no database: make it once, if that is allowed.</summary>
    Create,
}

/// <summary>An answer, sorted.</summary>
/// <param name="Step">What to do.</param>
/// <param name="Reason">Why, as a sentence of ours: no word of the answer stands in it.</param>
/// <param name="Code">The reason code, where a line alone would become a dead letter for it.</param>
/// <param name="Asked">How long the other side asks us to wait.</param>
readonly record struct SortedAnswer(
    NextStep Step, string Reason = "", string Code = "", TimeSpan? Asked = null);

/// <summary>
/// Sorts every answer of InfluxDB 1.x, 2.x, 3.x and VictoriaMetrics to a write into what to do next. The
/// same status means different things to them, so their words are read, and never repeated.
/// </summary>
static class AnswerSort
{
    /// <summary>Older than InfluxDB keeps.</summary>
    public const string BeyondRetention = "beyond_retention";

    /// <summary>InfluxDB has another type for the field.</summary>
    public const string TypeConflict = "type_conflict";

    /// <summary>InfluxDB cannot read the line.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>InfluxDB refuses it for another reason.</summary>
    public const string Refused = "refused";

    /// <summary>InfluxDB takes no request as large as this line alone.</summary>
    public const string TooLarge = "too_large";

    /// <summary>Our own status: there is no TLS with the other side that we could trust.</summary>
    public const int NotTrusted = 495;

    public static SortedAnswer Of(InfluxAnswer answer)
    {
        if (answer.IsForeign)
            return Foreign();
        return answer.Status switch
        {
            0 => new(NextStep.Wait, "InfluxDB does not answer.", Asked: answer.RetryAfter),
            // Whoever has stored a point says nothing; with words a gateway says that it has heard of it.
            >= 200 and < 300 => answer.Text.Length == 0 ? new(NextStep.Done) : Foreign(),
            400 => BadRequest(answer),
            401 => Paused("InfluxDB does not accept our user name, password or token", answer),
            403 => Paused("our account may not write to this database", answer),
            404 => NotFound(answer),
            408 or 425 => Later(answer),
            413 => new(NextStep.Halve, "The request is too large for InfluxDB.", TooLarge),
            422 => Unprocessable(answer),
            429 or 503 => Later(answer),
            NotTrusted => Paused("InfluxDB's certificate is not trusted, or it does not speak TLS; look at "
                + "Influx:Url and Influx:CaFile"),
            500 when Says(answer, "retention policy not found") =>
                Paused("the database's retention policy is gone", answer),
            >= 500 => Later(answer),
            _ => Paused($"a status of {answer.Status} means nothing to us; look at Influx:Url", answer),
        };
    }

    static SortedAnswer BadRequest(InfluxAnswer answer)
    {
        if (Says(answer, "database is required") || Says(answer, "organization") && Says(answer, "not found"))
            return Paused("Influx:Database, Influx:Org or Influx:Bucket is not what it expects", answer);
        // 1.x: one series too many is a limit of the server's, not a fault of the line.
        if (Says(answer, "max-series-per-database") || Says(answer, "max-values-per-tag"))
            return Paused("InfluxDB's limit of series or of values of a tag is reached", answer);
        return Split(answer);
    }

    static SortedAnswer Unprocessable(InfluxAnswer answer) =>
        Says(answer, "limit")
            ? Paused("InfluxDB's limit of databases, tables or columns is reached", answer)
            : Split(answer);

    static SortedAnswer Split(InfluxAnswer answer) => new(NextStep.Bisect, "InfluxDB refuses a line.",
        Says(answer, "retention") ? BeyondRetention
        : Says(answer, "conflict") || Says(answer, "invalid column type") || Says(answer, "type mismatch")
            ? TypeConflict
        : Says(answer, "parse") || Says(answer, "parsing") || Says(answer, "invalid line")
            || Says(answer, "missing") ? Unreadable
        : Refused);

    static SortedAnswer NotFound(InfluxAnswer answer) =>
        Says(answer, "page not found")
            ? Paused("it does not know the path we write to; look at Influx:Url and Influx:Version", answer)
        : Says(answer, "database") || Says(answer, "bucket") || Says(answer, "retention policy")
            ? new(NextStep.Create, Sentence("the database is not there"), Asked: answer.RetryAfter)
        : Paused("the organisation, bucket or database is not there", answer);

    static SortedAnswer Later(InfluxAnswer answer) => new(NextStep.Wait,
        answer.Status is 429 or 503 ? "InfluxDB asks us to wait."
            : $"InfluxDB cannot write now (status {answer.Status}).", Asked: answer.RetryAfter);

    static SortedAnswer Foreign() => Paused(
        "what answers there is not InfluxDB; a proxy or another program stands at Influx:Url");

    /// <summary>Everything is kept until somebody has repaired what is said.</summary>
    public static SortedAnswer Paused(string what, InfluxAnswer answer = default) =>
        new(NextStep.Pause, Sentence(what), Asked: answer.RetryAfter);

    static string Sentence(string what) => $"{char.ToUpperInvariant(what[0])}{what[1..]}.";

    static bool Says(InfluxAnswer answer, string words) =>
        answer.Text.Contains(words, StringComparison.OrdinalIgnoreCase);
}
