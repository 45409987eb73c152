using Microsoft.AspNetCore.Http;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Influx;

/// <summary>A gateway that stands where InfluxDB should, and is polite about it.</summary>
public sealed class GatewayTests
{
    [Theory]
    [InlineData(200, """{"status":"ok"}""")]
    [InlineData(202, "{}")]
    public async Task I13_What_is_taken_with_words_is_not_stored_and_all_of_it_is_kept(
        int status, string said)
    {
        await using var fake = await FakeInflux.StartAsync((context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(said);
        });
        await using var rig = new ForwardingRig(fake.Options);

        await rig.StartAsync(10);
        await rig.UntilAsync(() => rig.State.Report.Link == InfluxLink.Paused || rig.Journal.Waiting == 0,
            "it is told from one that stores");

        Assert.Equal((InfluxLink.Paused, 10), (rig.State.Report.Link, rig.Journal.Waiting));
        Assert.Contains("not InfluxDB", rig.State.Words(), StringComparison.Ordinal);
    }
}
