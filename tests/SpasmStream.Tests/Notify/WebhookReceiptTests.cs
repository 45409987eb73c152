using System.Text;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Tests.Notify;

public sealed class WebhookReceiptTests
{
    [Theory]
    [InlineData(null, "", "200")]
    [InlineData("r-1", "", "200 r-1")]
    [InlineData("r-1", """{"id":"m-2"}""", "200 r-1")]
    [InlineData(null, """{"id":"m-2"}""", "200 m-2")]
    [InlineData(null, """{"id":17}""", "200 17")]
    [InlineData(null, """{"id":{"a":1}}""", "200")]
    [InlineData(null, """{"id":"a b"}""", "200")]
    [InlineData(null, """{"id":"a\nb"}""", "200")]
    [InlineData(null, """{"id":"\u001b[31m"}""", "200")]
    [InlineData(null, """{"id":"\ud800"}""", "200")]
    [InlineData(null, """[{"id":"x"}]""", "200")]
    [InlineData(null, "ok", "200")]
    [InlineData("a b", """{"id":"m-2"}""", "200 m-2")]
    public void A_receipt_is_the_status_and_a_usable_id(string? header, string body, string receipt) =>
        Assert.Equal(receipt, WebhookReceipt.Of(200, header, Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void An_id_has_64_characters_at_most(int length, bool kept) => Assert.Equal(
        kept, WebhookReceipt.Of(200, new string('x', length), default).Length > 3);
}
