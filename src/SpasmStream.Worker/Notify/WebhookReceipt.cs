using System.Text.Json;

namespace SpasmStream.Worker.Notify;

/// <summary>What a receiver calls the message it has taken, when it says so.</summary>
static class WebhookReceipt
{
    public const string Header = "X-Receipt-Id";
    const int Longest = 64;

    /// <summary>The status, and the receiver's id if it gave a usable one: <c>202 m-17</c>.</summary>
    public static string Of(int status, string? header, ReadOnlyMemory<byte> body) =>
        (Usable(header) ?? Usable(IdIn(body))) is { } id ? $"{status} {id}" : $"{status}";

    static string? Usable(string? id) => id is { Length: > 0 and <= Longest }
        && id.All(c => c is > ' ' and <= '~') ? id : null;

    static string? IdIn(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 16 });
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("id", out var id))
                return null;
            return id.ValueKind switch
            {
                JsonValueKind.String => id.GetString(),
                JsonValueKind.Number => id.GetRawText(),
                _ => null,
            };
        }
        // A string that is no text throws InvalidOperationException. Receivers answer as they like.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
