using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// How the columns with the bytes as sent are read and written: SQL says <c>unseal(table, hash, payload)</c>
/// and <c>seal(table, hash, payload)</c>, and this is what a connection does then. Without a key they stay
/// clear. What is empty comes back as NULL, as the library hands it to SQLite.
/// </summary>
/// <remarks>
/// <c>payload_key</c> tells by row 1 which key all payloads of the file have, none when they are clear, and
/// by row 2 which one they are being turned to, empty for none.
/// </remarks>
sealed class PayloadCipher(PayloadKey? key)
{
    const int Corrupt = 11;

    /// <summary>Tables with a column <c>payload</c>, and their keys.</summary>
    public static readonly IReadOnlyList<(string Table, string Key)> Tables =
    [
        ("entry", "id"),
        ("sample_fact", "wearer, device, kind, id, rev, withdrawn, hash"),
        ("dead_payload", "hash"),
    ];

    public void Attach(SqliteConnection connection)
    {
        connection.CreateFunction<string, byte[], byte[]?, byte[]?>("seal", (table, hash, clear) =>
            key is null || clear is null ? clear : key.Seal(table, hash, clear));
        connection.CreateFunction<string, byte[], byte[]?, byte[]?>("unseal", (table, hash, stored) =>
            key is null || stored is null ? stored : key.Open(table, hash, stored)
                ?? throw new SqliteException($"A payload of {table} is not what was written.", Corrupt));
    }

    /// <summary>A file without payloads takes the key that it is opened with.</summary>
    public void Adopt(SqliteConnection connection)
    {
        if (key is not null)
            connection.Execute("INSERT OR IGNORE INTO payload_key VALUES(1, @Check)", new { key.Check });
    }

    /// <summary>
    /// Why the payloads of a file cannot be read by this key, or without one; null when they can.
    /// </summary>
    public string? Misfit(SqliteConnection connection)
    {
        var (present, next) = KeysIn(connection);
        if (next is not null)
            return "The change of its payloads' key did not come to its end; run spasmstream rotate-key "
                + "again, as before.";
        if (present is not null && key is null)
            return "Its payloads are encrypted; set Store:KeyFile to the file with their key.";
        if (present is not null && !present.AsSpan().SequenceEqual(key!.Check))
            return "Its payloads are encrypted with another key than the one in Store:KeyFile; set that to "
                + "the right file.";
        return present is null && key is not null && HasPayloads(connection)
            ? "Its payloads are not encrypted, but Store:KeyFile is set; run spasmstream rotate-key "
                + "--new-key-file with that file, or take the setting out." : null;
    }

    /// <summary>
    /// The checks of the key that the payloads have, and of the one they are being turned to.
    /// </summary>
    public static (byte[]? Present, byte[]? Next) KeysIn(SqliteConnection connection)
    {
        if (!Has(connection, "payload_key"))
            return (null, null);
        var keys = connection.Query<(long Id, byte[] Check)>("SELECT id, check_value FROM payload_key")
            .ToDictionary(row => row.Id, row => row.Check);
        return (keys.GetValueOrDefault(1), keys.GetValueOrDefault(2));
    }

    static bool HasPayloads(SqliteConnection connection) => Tables.Any(it => Has(connection, it.Table)
        && connection.ExecuteScalar<long>($"SELECT EXISTS(SELECT 1 FROM {it.Table})") != 0);

    static bool Has(SqliteConnection connection, string table) => connection.ExecuteScalar<long>(
        "SELECT count(*) FROM sqlite_master WHERE type='table' AND name=@table", new { table }) != 0;
}
