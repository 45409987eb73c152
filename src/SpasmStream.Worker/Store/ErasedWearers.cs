using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Whose data may not come back: a salted hash of each name, so that the name itself is nowhere. For the one
/// thread that owns the connection.
/// </summary>
sealed class ErasedWearers(SqliteConnection connection)
{
    const int VerdictsMax = 4096;

    readonly Dictionary<WearerId, bool> _verdicts = [];
    List<(byte[] Hash, byte[] Salt)>? _rows;

    /// <summary>Asked of a file beside whoever writes it; an old one bars nobody.</summary>
    public static bool Holds(StoreFile file, WearerId name)
    {
        if (!File.Exists(file.Path))
            return false;
        using var reader = file.OpenReader();
        return BarredName.All(reader).Any(row => row.IsOf(name));
    }

    public bool Contains(WearerId name)
    {
        if (Rows.Count == 0)
            return false;
        if (_verdicts.TryGetValue(name, out var verdict))
            return verdict;
        if (_verdicts.Count >= VerdictsMax)
            _verdicts.Clear();
        return _verdicts[name] = Rows.Exists(row => row.Hash.AsSpan().SequenceEqual(Hash(name, row.Salt)));
    }

    public void Add(WearerId name, Instant at)
    {
        if (Contains(name))
            return;
        var salt = RandomNumberGenerator.GetBytes(16);
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO erased(hash, salt, at) VALUES($h, $s, $a)";
        command.Parameters.AddWithValue("$h", Hash(name, salt));
        command.Parameters.AddWithValue("$s", salt);
        command.Parameters.AddWithValue("$a", Ms.Of(at));
        command.ExecuteNonQuery();
        Forget();
    }

    /// <summary>Takes the wearer in again; whether they had been erased.</summary>
    public bool Remove(WearerId name)
    {
        var known = Rows.FindAll(row => row.Hash.AsSpan().SequenceEqual(Hash(name, row.Salt)));
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM erased WHERE hash=$h";
        var hash = command.Parameters.Add("$h", SqliteType.Blob);
        foreach (var row in known)
        {
            hash.Value = row.Hash;
            command.ExecuteNonQuery();
        }

        Forget();
        return known.Count > 0;
    }

    /// <summary>After a rollback what was read may be void.</summary>
    public void Forget()
    {
        _rows = null;
        _verdicts.Clear();
    }

    List<(byte[] Hash, byte[] Salt)> Rows => _rows ??= Load();

    List<(byte[] Hash, byte[] Salt)> Load()
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT hash, salt FROM erased";
        using var row = command.ExecuteReader();
        var rows = new List<(byte[], byte[])>();
        while (row.Read())
            rows.Add((row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)));
        return rows;
    }

    public static byte[] Hash(WearerId name, byte[] salt) =>
        SHA256.HashData([.. salt, .. Encoding.ASCII.GetBytes(name.ToString())]);
}
