using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Influx;

namespace SpasmStream.SystemTests.Influx;

/// <summary>A real influxd that asks for accounts.</summary>
public sealed class AccountTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("writer", "wrong", 401)]
    [InlineData("nobody", "w", 401)]
    [InlineData("reader", "w", 403)]
    [InlineData("stranger", "w", 403)]
    public async Task I7_Who_may_not_write_pauses_and_loses_nothing(
        string? user, string? password, int status)
    {
        await using var influxd = await StartAsync();
        var options = influxd.Options;
        (options.User, options.Password) = (user, password);
        await using var rig = new ForwardingRig(options);

        await rig.StartAsync(10);
        await rig.UntilAsync(() => !rig.State.IsHealthy, "paused");

        Assert.Equal(status, (await rig.Link.WriteAsync(CanaryLoop.Line(1), Stop)).Status);
        Assert.Equal(10, rig.Journal.Waiting);
    }

    [Fact]
    public async Task S32_The_account_that_writes_reads_its_own_database_and_administers_nothing()
    {
        await using var influxd = await StartAsync();
        using var link = Link(influxd, "t");
        using var other = Link(influxd, "other");

        Assert.Equal(204, (await link.WriteAsync(CanaryLoop.Line(1), Stop)).Status);
        Assert.Equal(CanaryAnswer.Found, await link.ReadCanaryAsync(1, Stop));
        Assert.Equal(403, (await other.WriteAsync(CanaryLoop.Line(1), Stop)).Status);
        Assert.Equal(CanaryAnswer.Unknown, await other.ReadCanaryAsync(1, Stop));
        using var creator = Link(influxd, "new");
        Assert.Equal(403, (await creator.CreateAsync(Stop)).Status);
        Assert.Equal(["other", "t"], (await influxd.AskAsync("SHOW DATABASES"))
            .Select(row => row[0].GetString()).Where(name => name != "_internal").Order());
    }

    [Fact]
    public async Task F23_An_account_that_may_not_make_the_database_says_so()
    {
        await using var influxd = await StartAsync();
        var options = influxd.Options;
        (options.User, options.Password, options.Database) = ("root", "r", "t");
        await influxd.AskAsync("DROP DATABASE t");
        (options.User, options.Password) = ("writer", "w");
        await using var rig = new ForwardingRig(options);

        await rig.StartAsync(10);
        await rig.UntilAsync(() => !rig.State.IsHealthy, "paused");

        Assert.Equal(10, rig.Journal.Waiting);
        Assert.DoesNotContain("writer", rig.State.Words(), StringComparison.Ordinal);
    }

    static InfluxHttp Link(InfluxdProcess influxd, string database)
    {
        var options = influxd.Options;
        (options.User, options.Password, options.Database) = ("writer", "w", database);
        return new InfluxHttp(options, TimeProvider.System);
    }

    static async Task<InfluxdProcess> StartAsync()
    {
        var influxd = await InfluxdProcess.StartAsync(new() { Auth = true });
        foreach (var q in new[]
        {
            "CREATE DATABASE t", "CREATE DATABASE other", "CREATE USER writer WITH PASSWORD 'w'",
            "CREATE USER reader WITH PASSWORD 'w'", "CREATE USER stranger WITH PASSWORD 'w'",
            "GRANT ALL ON t TO writer", "GRANT READ ON t TO reader",
        })
            await influxd.AskAsync(q);
        return influxd;
    }
}
