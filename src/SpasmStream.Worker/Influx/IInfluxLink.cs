namespace SpasmStream.Worker.Influx;

/// <summary>
/// One request to InfluxDB and its answer, nothing tried again: HTTP, or a model that answers late or not at
/// all.
/// </summary>
interface IInfluxLink
{
    /// <summary>
    /// Writes lines of line protocol with a precision of milliseconds; never throws for what the other side
    /// or the network does.
    /// </summary>
    Task<InfluxAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken);

    /// <summary>Asks for the canary point of that instant, in Unix milliseconds.</summary>
    Task<CanaryAnswer> ReadCanaryAsync(long at, CancellationToken cancellationToken);

    /// <summary>Makes the database, where that can be done and is allowed.</summary>
    Task<InfluxAnswer> CreateAsync(CancellationToken cancellationToken);
}

/// <summary>What became of a request.</summary>
/// <param name="Status">The HTTP status; 0 when no answer came (refused, reset, timed out).</param>
/// <param name="RetryAfter">What the answer's Retry-After says, when it says something.</param>
/// <param name="Text">
/// The beginning of what it said, for sorting only: it may quote a line, so it is never logged.
/// </param>
/// <param name="IsForeign">Whether it cannot be InfluxDB's: a page, or words where none belong.</param>
readonly record struct InfluxAnswer(int Status, TimeSpan? RetryAfter = null, string Text = "",
    bool IsForeign = false);

/// <summary>Whether a point that was written can be read.</summary>
enum CanaryAnswer
{
    /// <summary>It is there.</summary>
    Found,

    /// <summary>The other side answers, and it is not there.</summary>
    Missing,

    /// <summary>The other side does not answer questions of this kind, or did not answer now.</summary>
    Unknown,
}
