using Dapper;
using Microsoft.Data.Sqlite;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>A name that may not come back, as one file hands it on to the next.</summary>
sealed record BarredName(byte[] Hash, byte[] Salt, long At)
{
    public static IReadOnlyList<BarredName> All(SqliteConnection connection) =>
        connection.ExecuteScalar<long>("SELECT count(*) FROM sqlite_master WHERE name='erased'") == 0 ? []
            : [.. connection.Query<(byte[] Hash, byte[] Salt, long At)>("SELECT hash, salt, at FROM erased")
                .Select(row => new BarredName(row.Hash, row.Salt, row.At))];

    public bool IsOf(WearerId name) => Hash.AsSpan().SequenceEqual(ErasedWearers.Hash(name, Salt));

    public void Put(SqliteConnection connection) => connection.Execute(
        "INSERT OR IGNORE INTO erased(hash, salt, at) VALUES(@Hash, @Salt, @At)", this);
}
