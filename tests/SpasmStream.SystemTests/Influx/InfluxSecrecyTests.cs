using System.Text;
using Microsoft.AspNetCore.Http;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Influx;

/// <summary>The password of InfluxDB is in nothing that is shown, whatever its server answers.</summary>
public sealed class InfluxSecrecyTests
{
    static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    [Theory]
    [InlineData(401)]
    [InlineData(400)]
    [InlineData(500)]
    public async Task S12_A_server_that_repeats_our_password_in_each_answer_makes_us_repeat_it_nowhere(
        int status)
    {
        var (user, password) = (Canaries.Plant("influx-user"), Canaries.Plant("influx-password"));
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        var repeated = $$"""{"error":"authorization failed for {{user}}:{{password}} ({{basic}})"}""";
        await using var influx = await FakeInflux.StartAsync(async (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers["X-Influxdb-Error"] = repeated;
            context.Response.Headers["X-Influxdb-Version"] = "1.8.10";
            await context.Response.WriteAsync(repeated);
        });
        await using var rig = await WorkerRig.StartAsync(("Influx:Url", influx.Url),
            ("Influx:Version", "V1"), ("Influx:User", user), ("Influx:Password", password));
        using (var ada = await rig.AdaAsync())
        {
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        }

        // Asked, and with the password: else nobody had anything to repeat.
        await rig.Process.WaitUntilAsync(_ => Task.FromResult(
            influx.Requests.Any(it => it.Authorization == $"Basic {basic}")), "a request with the password");
        var shown = new List<string>();
        foreach (var path in new[] { "/", "/health/live", "/health/ready", "/metrics" })
        {
            using var answer = await _http.GetAsync(
                new Uri(rig.Page, path), TestContext.Current.CancellationToken);
            shown.Add(answer.Headers + await answer.Content.ReadAsStringAsync(
                TestContext.Current.CancellationToken));
        }

        foreach (var verb in new[] { "config show", "config show --json", "check-config", "doctor" })
            shown.Add((await rig.VerbAsync(verb.Split(' '))).Output);
        Assert.Equal(0, await rig.Worker.StopAsync());
        shown.Add((await rig.VerbAsync("doctor")).Output);
        shown.Add(rig.Process.Output);
        shown.Add(string.Join('\n', Refused(rig)));

        Assert.All(shown, text => Assert.DoesNotContain(password, text, StringComparison.OrdinalIgnoreCase));
        Assert.All(shown, text => Assert.DoesNotContain(basic, text, StringComparison.Ordinal));
    }

    static List<string> Refused(WorkerRig rig)
    {
        using var reader = rig.File.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = "SELECT reason || ' ' || coalesce(detail, '') FROM dead_letter";
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
            rows.Add(row.GetString(0));
        return rows;
    }
}
