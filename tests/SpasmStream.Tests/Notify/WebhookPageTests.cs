using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Notify;

/// <summary>The example on the page about the wire format is what is sent, signed as the page says.</summary>
public sealed partial class WebhookPageTests
{
    [GeneratedRegex("secret `([^`]+)`:\n\n```http\n(.*?)\n\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Example { get; }

    [Fact]
    public void S23_The_worked_example_is_signed_as_the_page_says()
    {
        var (secret, headers, body) = Read();

        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret),
            Encoding.UTF8.GetBytes($"{headers[WebhookSignature.TimestampHeader]}.{body}"));
        Assert.Equal("v1=" + Convert.ToHexStringLower(expected), headers[WebhookSignature.SignatureHeader]);
        Assert.Equal(headers[WebhookSignature.SignatureHeader], WebhookSignature.Of(
            Encoding.UTF8.GetBytes(secret), headers[WebhookSignature.TimestampHeader],
            Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void The_worked_example_is_what_is_sent()
    {
        var (_, headers, body) = Read();

        Assert.Equal(Encoding.UTF8.GetString(
            WebhookMessage.Of(News.Row(News.Raised()), News.Berlin, new WebhookOptions())), body);
        Assert.Equal(News.Key, headers[WebhookSignature.KeyHeader]);
    }

    static (string Secret, Dictionary<string, string> Headers, string Body) Read()
    {
        var example = Example.Match(File.ReadAllText(Repository.At("src/WIRE-FORMAT.md")));
        Assert.True(example.Success);
        var headers = example.Groups[2].Value.Split('\n').Skip(1).Select(line => line.Split(": ", 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        return (example.Groups[1].Value, headers, example.Groups[3].Value);
    }
}
