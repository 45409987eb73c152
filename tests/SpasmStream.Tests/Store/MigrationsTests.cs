using Microsoft.Data.Sqlite;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class MigrationsTests
{
    [Fact]
    public async Task A_file_of_the_first_version_opens_with_every_row_it_had()
    {
        using var store = new TempStore();
        var tables = FirstVersion(store.File.Path);

        store.File.OpenWriter().Dispose();

        Assert.Equal("3", store.Row("PRAGMA user_version"));
        foreach (var (table, rows) in tables)
            Assert.Equal(rows, store.Rows($"SELECT {Columns(table)} FROM {table} ORDER BY 1, 2"));
        Assert.Equal("0||0|", store.Row(
            "SELECT s.fact, s.gone, l.fact, l.gone FROM sample s JOIN sample_superseded l USING(t)"));
        Assert.Equal("ok", store.Row("PRAGMA integrity_check"));

        // And it goes on being one file: the value that stands is weighed against what came before.
        await store.AppendAsync(Some.Bpm(0, 60));
        Assert.Equal("2", store.Row("SELECT count(*) FROM sample_superseded"));
    }

    [Fact]
    public void F60_Migrating_is_one_transaction_cut_short_anywhere_it_never_was()
    {
        using var store = new TempStore();
        var tables = FirstVersion(store.File.Path);
        // The second step fails at its end, where a table stands in its way.
        using (var connection = new SqliteConnection($"Data Source={store.File.Path};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE store_size(x)";
            command.ExecuteNonQuery();
        }

        Assert.Throws<StoreUnusableException>(() => store.File.OpenWriter().Dispose());

        using var reader = new SqliteConnection($"Data Source={store.File.Path};Pooling=False");
        reader.Open();
        Assert.Equal("1", Assert.Single(Rows(reader, "PRAGMA user_version")));
        foreach (var (table, rows) in tables)
            Assert.Equal(rows, Rows(reader, $"SELECT {Columns(table)} FROM {table} ORDER BY 1, 2"));
        Assert.Equal("0", Assert.Single(Rows(reader,
            "SELECT count(*) FROM sqlite_master WHERE name IN ('gap', 'sample_superseded_1')")));
    }

    static string Columns(string table) => table.StartsWith("sample", StringComparison.Ordinal)
        ? "t, series, dur, value, received, rev, flags, q, off" : "*";

    static Dictionary<string, IReadOnlyList<string>> FirstVersion(string path)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Migrations.Apply(connection, to: 1);
        using var command = connection.CreateCommand();
        command.CommandText = $"""
            INSERT INTO wearer VALUES(1, 'ada', 'w-1', 1, 1, 5, 6);
            INSERT INTO series VALUES(1, 1, 'watch', 1, 0, '', {Some.Ms(0)});
            INSERT INTO sample VALUES({Some.Ms(0)}, 1, 0, 62.5, 20, 1, 256, 0.5, 60);
            INSERT INTO sample_superseded VALUES({Some.Ms(0)}, 1, 0, 61, 10, 0, 0, NULL, NULL);
            INSERT INTO entry VALUES(1, 1, 'diary', 'state', 's1', 0, x'01', 3, 0, 2, x'7B7D');
            INSERT INTO counter VALUES('MessagesReceived', 2);
            INSERT INTO dirty VALUES(1, 490000, 10, 20, 2);
            """;
        command.ExecuteNonQuery();
        var tables = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var table in (string[])
            ["wearer", "series", "sample", "sample_superseded", "entry", "counter", "dirty"])
            tables[table] = Rows(connection, $"SELECT {Columns(table)} FROM {table} ORDER BY 1, 2");
        Assert.All(tables.Values, rows => Assert.Single(rows));
        return tables;
    }

    static List<string> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var row = command.ExecuteReader();
        var rows = new List<string>();
        while (row.Read())
            rows.Add(string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.IsDBNull(i) ? ""
                : row.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : row.GetString(i))));
        return rows;
    }
}
