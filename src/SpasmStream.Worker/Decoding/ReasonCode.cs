namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Why a message or an item is refused; a code that ends in a colon is followed by the member's name.
/// </summary>
static class ReasonCode
{
    public const string Topic = "topic";
    public const string Id = "id";
    public const string Empty = "empty";
    public const string TooLarge = "too_large";
    public const string Encoding = Reasons.Encoding;
    public const string Json = "json";
    public const string JsonDepth = "json_depth";
    public const string JsonDuplicate = "json_duplicate";
    public const string Version = "version";
    public const string Unsupported = Reasons.Unsupported;
    public const string WearerMismatch = Reasons.WearerMismatch;
    public const string Missing = "missing:";
    public const string Type = "type:";
    public const string Number = "number";
    public const string Range = "range:";
    public const string StringLength = "string_length";
    public const string Control = "control";
    public const string BatchSize = "batch_size";
    public const string Columns = "columns";
    public const string Timestamp = "timestamp";
    public const string Future = "future";
    public const string TooOld = "too_old";
    public const string Interval = "interval";
    public const string Raw2A37 = "raw2a37";

    /// <summary>A sentence for the operator; it never holds a value.</summary>
    public static string Explain(string reason) => reason switch
    {
        Timestamp =>
            "not an RFC 3339 instant with offset nor Unix milliseconds in the years 1973 to 2262.",
        Future => "further in the future than clocks may differ.",
        TooOld => "older than live messages may be; use import for history.",
        Number => "not finite, or more digits than a 64-bit number holds.",
        StringLength => "text too long.",
        Control => "control character in a text.",
        Id => "an id is 1 to 64 printable ASCII characters.",
        Interval => "ends before it starts, lasts too long, or its parts overlap or lie outside.",
        Columns => "columns need t0, either step or dt, and arrays of one length.",
        Empty => "no items.",
        Version => "a later version of the format.",
        Json => "an object is expected.",
        Raw2A37 => "not the bytes of one heart rate measurement, whole and alone.",
        _ when reason.StartsWith(Type, StringComparison.Ordinal) =>
            "the member has another JSON type.",
        _ when reason.StartsWith(Range, StringComparison.Ordinal) => "the value cannot be.",
        _ when reason.StartsWith(Missing, StringComparison.Ordinal) =>
            "a required member is missing.",
        _ => "refused.",
    };
}
