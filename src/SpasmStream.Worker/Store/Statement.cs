using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace SpasmStream.Worker.Store;

/// <summary>
/// A statement that is prepared once and bound by hand: it runs for every sample or several times a commit,
/// and the ADO.NET layer would cost more than what it does.
/// </summary>
sealed class Statement : IDisposable
{
    readonly sqlite3 _file;
    readonly sqlite3_stmt _prepared;

    public Statement(SqliteConnection connection, string sql)
    {
        _file = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_file, sql, out _prepared));
    }

    /// <summary>Binds whole numbers to the first parameters, in order.</summary>
    public Statement With(params ReadOnlySpan<long> values)
    {
        for (var i = 0; i < values.Length; i++)
            raw.sqlite3_bind_int64(_prepared, i + 1, values[i]);
        return this;
    }

    public void Bind(int at, long value) => raw.sqlite3_bind_int64(_prepared, at, value);

    public void Bind(int at, double value) => raw.sqlite3_bind_double(_prepared, at, value);

    public void Bind(int at, ReadOnlySpan<byte> utf8) => raw.sqlite3_bind_text(_prepared, at, utf8);

    public void BindNull(int at) => raw.sqlite3_bind_null(_prepared, at);

    /// <summary>Runs it to its end; how many rows it changed.</summary>
    public int Run()
    {
        var result = raw.sqlite3_step(_prepared);
        raw.sqlite3_reset(_prepared);
        if (result is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            Check(result);
        return raw.sqlite3_changes(_file);
    }

    public void Dispose() => _prepared.Dispose();

    void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            throw new SqliteException(raw.sqlite3_errmsg(_file).utf8_to_string(), result,
                raw.sqlite3_extended_errcode(_file));
    }
}
