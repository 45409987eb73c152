using Dapper;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Turns every payload of a store from one key, or none, to another, or none, in slices: stopped anywhere, it
/// goes on where it was. In between nobody else opens the payloads.
/// </summary>
sealed class KeyRotation(StoreWriter writer, PayloadKey? from, PayloadKey? to)
{
    public const int SliceRows = 500;

    // Refused messages may be large.
    const int SliceOfRefused = 100;

    readonly byte[] _target = to?.Check ?? [];

    /// <summary>Rows that have to be looked at.</summary>
    public static Task<long> CountAsync(StoreWriter writer) => writer.RunAsync(session =>
        PayloadCipher.Tables.Sum(it => session.Scalar<long>($"SELECT count(*) FROM {it.Table}")),
        CancellationToken.None);

    /// <summary>
    /// Notes what the payloads are being turned to, the first write; false when they are there already.
    /// <see cref="SetupException"/> when another change was begun, or when their key is another one.
    /// </summary>
    public Task<bool> BeginAsync() => writer.RunAsync(session =>
    {
        var (present, next) = PayloadCipher.KeysIn(session.Connection);
        if (next is not null && !next.AsSpan().SequenceEqual(_target))
            throw new SetupException("Another change of the key was begun and has to be finished first: run "
                + "rotate-key with the options it had then.");
        if (next is null && (present ?? []).AsSpan().SequenceEqual(_target))
            return false;
        if (present is not null && from?.Check.AsSpan().SequenceEqual(present) != true)
            throw new SetupException("The payloads have another key: until they have the new one, "
                + "Store:KeyFile must name the file with the key they have.");
        session.Execute("INSERT OR IGNORE INTO payload_key VALUES(2, $c)", ("$c", _target));
        return true;
    }, CancellationToken.None);

    /// <summary>Turns what is not turned yet; returns how many payloads that were.</summary>
    /// <param name="done">Told how many rows more were looked at, after each commit.</param>
    /// <param name="cancellationToken">What was turned by then stays so.</param>
    public async Task<long> RunAsync(Action<long> done, CancellationToken cancellationToken)
    {
        var all = 0L;
        foreach (var (table, key) in PayloadCipher.Tables)
        {
            var slice = new Slice(table, key.Split(", "));
            for (var more = true; more;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (seen, turned) = await writer.RunAsync(
                    session => Turn(session, slice), CancellationToken.None);
                more = seen == slice.Rows;
                all += turned;
                done(seen);
            }
        }

        return all;
    }

    /// <summary>
    /// The last write, after the file was written anew: from now on the payloads have the new key.
    /// </summary>
    public static void Finish(StoreFile file)
    {
        using var connection = file.OpenWriter();
        using var transaction = connection.BeginTransaction();
        connection.Execute("""
            DELETE FROM payload_key WHERE id=1;
            UPDATE payload_key SET id=1 WHERE id=2 AND length(check_value)>0;
            DELETE FROM payload_key WHERE id=2
            """, transaction: transaction);
        transaction.Commit();
    }

    (int Seen, int Turned) Turn(WriteSession session, Slice slice)
    {
        var rows = slice.Next(session);
        var turned = 0;
        foreach (var row in rows)
            if (Turned(slice.Table, row.Hash, row.Payload) is { } fresh)
            {
                slice.Put(session, row.Key, fresh);
                turned++;
            }

        return (rows.Count, turned);
    }

    /// <summary>Null for a payload that is as it should be.</summary>
    byte[]? Turned(string table, byte[] hash, byte[] stored)
    {
        if (to?.Open(table, hash, stored) is not null)
            return null;
        if (from?.Open(table, hash, stored) is { } clear)
            return to is null ? clear : to.Seal(table, hash, clear);
        if (from?.Bears(stored) == true || (table != "dead_payload" && stored is [PayloadKey.Version, ..]))
            throw new SetupException($"A payload of {table} cannot be opened by the key in Store:KeyFile. "
                + "The file may be damaged; spasmstream doctor looks at it.");
        return to?.Seal(table, hash, stored);
    }

    sealed record Row(object[] Key, byte[] Hash, byte[] Payload);

    /// <summary>Walks a table in the order of its key.</summary>
    sealed class Slice(string table, string[] key)
    {
        readonly string _columns = string.Join(", ", key);
        readonly string _parameters = string.Join(", ", key.Select((_, i) => $"$k{i}"));
        object[]? _last;

        public string Table => table;

        public int Rows { get; } = table == "dead_payload" ? SliceOfRefused : SliceRows;

        public List<Row> Next(WriteSession session)
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText = $"SELECT hash, payload, {_columns} FROM {table} "
                + (_last is null ? "" : $"WHERE ({_columns}) > ({_parameters}) ")
                + $"ORDER BY {_columns} LIMIT {Rows}";
            Bind(command, _last ?? []);
            using var row = command.ExecuteReader();
            var rows = new List<Row>();
            while (row.Read())
                rows.Add(new Row([.. key.Select((_, i) => row.GetValue(i + 2))],
                    row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1)));
            if (rows.Count > 0)
                _last = rows[^1].Key;
            return rows;
        }

        public void Put(WriteSession session, object[] at, byte[] payload)
        {
            using var command = session.Connection.CreateCommand();
            command.CommandText =
                $"UPDATE {table} SET payload=$payload WHERE ({_columns}) = ({_parameters})";
            command.Parameters.AddWithValue("$payload", payload);
            Bind(command, at);
            command.ExecuteNonQuery();
        }

        static void Bind(SqliteCommand command, object[] values)
        {
            for (var i = 0; i < values.Length; i++)
                command.Parameters.AddWithValue($"$k{i}", values[i]);
        }
    }
}
