using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker.Notify;

/// <summary>Signs a message so that its receiver knows who sent it, and when.</summary>
static class WebhookSignature
{
    public const string KeyHeader = "Idempotency-Key";
    public const string TimestampHeader = "X-SpasmStream-Timestamp";
    public const string SignatureHeader = "X-SpasmStream-Signature";

    /// <summary><c>v1=</c> and the hex HMAC-SHA256 of the timestamp, a dot, and the body's bytes.</summary>
    /// <param name="secret">The secret's UTF-8 bytes.</param>
    /// <param name="timestamp">Unix seconds as sent.</param>
    /// <param name="body">The body as sent.</param>
    public static string Of(byte[] secret, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.ASCII.GetBytes(timestamp), (byte)'.', .. body];
        return "v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(secret, signed));
    }
}
