using System.Data;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>A table of a fresh store that takes in what is left of a damaged one.</summary>
sealed class SalvagedTable : IDisposable
{
    readonly SqliteCommand _insert;
    readonly List<(string Name, string Type, bool Required, object? Default)> _columns;
    // Which column of a row with a number of its own is that number; -1 where the key is the row.
    readonly int _number;

    public SalvagedTable(SqliteConnection connection, string name)
    {
        Name = name;
        var columns = ColumnsOf(connection, name);
        HasRowIds = !IsWithoutRowId(connection, name);
        // Without row numbers the columns of the key lie first, in its order.
        _columns = [.. columns.OrderBy(it => HasRowIds ? 0 : it.Key == 0 ? int.MaxValue : it.Key)
            .Select(it => (it.Name, it.Type, it.Required, it.Default))];
        _number = HasRowIds ? columns.FindIndex(it => it.Key > 0) : -1;
        _insert = connection.CreateCommand();
        _insert.CommandText = $"INSERT OR IGNORE INTO {name}("
            + $"{string.Join(',', _columns.Select(it => it.Name))}) "
            + $"VALUES({string.Join(',', _columns.Select((_, i) => $"$p{i}"))})";
        for (var i = 0; i < _columns.Count; i++)
            _insert.Parameters.Add(new SqliteParameter($"$p{i}", null));
    }

    public string Name { get; }

    public bool HasRowIds { get; }

    /// <summary>Rows that were taken in.</summary>
    public long Rows { get; private set; }

    /// <summary>Rows that were read but are not such as this table holds.</summary>
    public long Refused { get; private set; }

    /// <summary>Whether a record can be a row of this table, by the kinds of its values.</summary>
    public bool Fits(long rowId, object?[] values)
    {
        values = Whole(values);
        // A row that is older than its table's last columns lies there without them.
        if (values.Length > _columns.Count
            || _columns.Skip(values.Length).Any(it => it.Required && it.Default is null))
            return false;
        for (var i = 0; i < values.Length; i++)
            if (i != _number && !Fits(_columns[i].Type, _columns[i].Required, values[i]))
                return false;
        return _number < 0 || rowId > 0;
    }

    /// <summary>
    /// The values as they lie in a file of today: the first schema knew nothing of what a value came with,
    /// which is a part of the key since, and so lies before the columns that follow the key.
    /// </summary>
    public object?[] Whole(object?[] values) => Name == "sample_superseded" && values.Length == 9
        ? [.. values[..5], 0L, .. values[5..]] : values;

    /// <summary>Takes a record in; one that is there already changes nothing.</summary>
    public void Put(long rowId, object?[] values)
    {
        values = Whole(values);
        if (!Fits(rowId, values))
        {
            Refused++;
            return;
        }

        for (var i = 0; i < _columns.Count; i++)
            _insert.Parameters[i].Value = (i == _number ? rowId
                : i < values.Length ? values[i] : _columns[i].Default) ?? DBNull.Value;
        Rows += _insert.ExecuteNonQuery();
    }

    public void Dispose() => _insert.Dispose();

    static bool Fits(string type, bool required, object? value) => value switch
    {
        null => !required,
        long => type is "INTEGER" or "REAL",
        double => type is "REAL",
        string => type is "TEXT",
        _ => type is "BLOB",
    };

    static List<(string Name, string Type, bool Required, int Key, object? Default)> ColumnsOf(
        SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText =
            "SELECT name, type, \"notnull\", pk, dflt_value FROM pragma_table_info($t) ORDER BY cid";
        command.Parameters.AddWithValue("$t", table);
        using var row = command.ExecuteReader();
        var columns = new List<(string, string, bool, int, object?)>();
        // Our defaults are whole numbers.
        while (row.Read())
            columns.Add((row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetInt32(3),
                row.IsDBNull(4) ? null : long.Parse(row.GetString(4), CultureInfo.InvariantCulture)));
        return columns;
    }

    static bool IsWithoutRowId(SqliteConnection connection, string table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT wr FROM pragma_table_list($t) WHERE schema='main'";
        command.Parameters.AddWithValue("$t", table);
        return command.ExecuteScalar() is 1L;
    }
}
