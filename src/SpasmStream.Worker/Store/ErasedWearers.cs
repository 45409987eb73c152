using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Whose data was erased and may not come back by an old message. The name itself is not kept, only its
/// SHA-256 with a salt of its own: enough to know it again, not to read it.
/// </summary>
sealed class ErasedWearers(SqliteConnection connection)
{
    const int SaltBytes = 16;

    // Every message asks, so the few rows there are stay in memory until something changes them.
    List<(byte[] Salt, byte[] Hash)>? _rows;

    public bool Contains(WearerId wearer)
    {
        foreach (var (salt, hash) in _rows ??= Load())
            if (HashOf(wearer, salt).AsSpan().SequenceEqual(hash))
                return true;
        return false;
    }

    /// <summary>From now on nothing of the wearer is taken in; once is enough.</summary>
    public void Add(WearerId wearer, Instant at)
    {
        if (Contains(wearer))
            return;
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        Execute("INSERT INTO erased(hash, salt, at) VALUES($h, $s, $a)",
            ("$h", HashOf(wearer, salt)), ("$s", salt), ("$a", Ms.Of(at)));
    }

    /// <summary>Takes the wearer in again; whether they had been erased.</summary>
    public bool Remove(WearerId wearer)
    {
        var known = Load().FindAll(row => HashOf(wearer, row.Salt).AsSpan().SequenceEqual(row.Hash));
        foreach (var (_, hash) in known)
            Execute("DELETE FROM erased WHERE hash=$h", ("$h", hash));
        return known.Count > 0;
    }

    /// <summary>After a rollback what is remembered may not be so.</summary>
    public void Forget() => _rows = null;

    static byte[] HashOf(WearerId wearer, byte[] salt) =>
        SHA256.HashData([.. salt, .. Encoding.UTF8.GetBytes(wearer.ToString())]);

    List<(byte[] Salt, byte[] Hash)> Load()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT salt, hash FROM erased ORDER BY hash";
        using var row = command.ExecuteReader();
        var rows = new List<(byte[], byte[])>();
        while (row.Read())
            rows.Add(((byte[])row.GetValue(0), (byte[])row.GetValue(1)));
        return rows;
    }

    void Execute(string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        command.ExecuteNonQuery();
        _rows = null;
    }
}
