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
    public const string Encoding = "encoding";
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
}
