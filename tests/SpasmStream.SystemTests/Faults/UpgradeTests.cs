using Microsoft.Data.Sqlite;
using SpasmStream.SystemTests.Support;
using SpasmStream.Worker.Store;

namespace SpasmStream.SystemTests.Faults;

/// <summary>A file of an earlier version, and a worker killed while it brings it up to date.</summary>
public sealed class UpgradeTests
{
    [Fact]
    public Task F60_Killed_in_the_middle_of_an_upgrade_the_file_is_as_it_was_and_the_next_does_it() =>
        KillAsync(times: 1);

    [NightlyFact]
    public Task F30_F60_Killed_25_times_in_the_middle_of_an_upgrade() => KillAsync(times: 25);

    static async Task KillAsync(int times)
    {
        await using var rig = WorkerRig.Make();
        Directory.CreateDirectory(rig.Folder);
        using (var first = Open(rig))
        {
            Migrations.Apply(first, to: 1);
            Scalar(first, $"""
                PRAGMA journal_mode=WAL;
                INSERT INTO wearer VALUES(1, 'ada', 'w-1', 1, 1, NULL, 0);
                INSERT INTO series VALUES(1, 1, 'watch', 1, 0, '', 1000);
                INSERT INTO sample VALUES({WorkerRig.Now - 60_000}, 1, 0, 62, 1000, 0, 0, NULL, NULL);
                """);
        }

        // Behind each of the steps that are to be done, over and over.
        for (var kill = 0; kill < times * (Migrations.Newest - 1); kill++)
        {
            rig.Failpoints = $"during_migration=kill@{kill / times + 1}";
            await rig.StartAgainAsync(ready: false);
            Assert.Equal(137, await rig.Process.ExitAsync());
            using var killed = Open(rig);
            Assert.Equal(1L, Scalar(killed, "PRAGMA user_version"));
            Assert.Equal(0L, Scalar(killed, "SELECT count(*) FROM sqlite_master WHERE name='gap'"));
        }

        rig.Failpoints = "";
        await rig.StartAgainAsync();
        Assert.Equal(Migrations.Newest, rig.Count("PRAGMA user_version"));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample WHERE value=62"));
        Assert.Equal(1, rig.Count("SELECT count(*) FROM sample"));
        using (var ada = await rig.AdaAsync())
        {
            await ada.SendAsync(RawMqtt.Publish(1, WorkerRig.Topic, WorkerRig.Bpm(WorkerRig.Now)));
            Assert.Equal(new Puback(1, 0), await ada.ReadPubackAsync());
        }

        Assert.Equal(0, await rig.Worker.StopAsync());
        Assert.Empty(new StoreFile(rig.Folder).Faults(quick: false));
    }

    static SqliteConnection Open(WorkerRig rig)
    {
        var connection = new SqliteConnection($"Data Source={rig.File.Path};Pooling=False");
        connection.Open();
        return connection;
    }

    static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
