using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class StoreFileTests
{
    [Fact]
    public void D1_A_database_of_another_program_is_refused_and_untouched()
    {
        using var store = new TempStore();
        Make(store.File.Path, "CREATE TABLE holiday(photo BLOB); PRAGMA application_id=7;");

        AssertRefusedUntouched(store.File, "another program");
    }

    [Theory]
    [InlineData("wal")]
    [InlineData("delete")]
    public void D1_A_file_of_a_newer_program_is_refused_and_untouched(string journal)
    {
        using var store = new TempStore();
        store.File.OpenWriter().Dispose();
        Make(store.File.Path, $"PRAGMA journal_mode={journal}; PRAGMA user_version=99;");

        AssertRefusedUntouched(store.File, "newer");
    }

    [Fact]
    public void D1_What_is_no_database_is_refused_and_untouched()
    {
        using var store = new TempStore();
        File.WriteAllText(store.File.Path,
            string.Concat(Enumerable.Repeat("This is a diary, not a database. ", 200)));

        AssertRefusedUntouched(store.File, "not a database");
    }

    [Fact]
    public void D1_The_file_is_marked_as_ours_in_the_transaction_that_fills_it()
    {
        using var store = new TempStore();
        using var connection = new SqliteConnection($"Data Source={store.File.Path};Pooling=False");
        connection.Open();

        Migrations.Apply(connection);

        Assert.Equal("SpSt", System.Text.Encoding.ASCII.GetString(
            File.ReadAllBytes(store.File.Path)[68..72]));
    }

    [Fact]
    public void Opening_again_changes_neither_schema_nor_mark()
    {
        using var store = new TempStore();
        store.File.OpenWriter().Dispose();
        var schema = store.Rows("SELECT name, sql FROM sqlite_master ORDER BY name");

        store.File.OpenWriter().Dispose();

        Assert.Equal(schema, store.Rows("SELECT name, sql FROM sqlite_master ORDER BY name"));
        Assert.Equal("3", store.Row("PRAGMA user_version"));
    }

    [Fact]
    public void The_file_is_its_owners_alone()
    {
        using var store = new TempStore();
        store.File.OpenWriter().Dispose();

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(store.File.Path));
    }

    static void Make(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    static void AssertRefusedUntouched(StoreFile file, string word)
    {
        var before = SHA256.HashData(File.ReadAllBytes(file.Path));

        var refused = Assert.Throws<StoreUnusableException>(() => file.OpenWriter());

        Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(file.Path)));
    }
}
