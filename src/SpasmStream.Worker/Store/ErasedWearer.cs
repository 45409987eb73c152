using Dapper;
using Microsoft.Data.Sqlite;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>A wearer who is to be erased, as the conditions of <see cref="WearerTable"/> name them.</summary>
sealed record ErasedWearer(string Name, long Number, string? Pseudonym)
{
    const long Nobody = -1;

    public (string, object?)[] Parameters => [("$w", Number), ("$p", Pseudonym), ("$n", Name)];

    /// <summary>
    /// Without a pseudonym when the file does not know them: letters on their topic may be dead all the same.
    /// </summary>
    public static ErasedWearer Find(SqliteConnection connection, WearerId wearer)
    {
        var name = wearer.ToString();
        var row = connection.QueryFirstOrDefault<(long Id, string? Pseudonym)>(
            "SELECT id, pseudonym FROM wearer WHERE name=@name", new { name });
        return new ErasedWearer(name, row.Pseudonym is null ? Nobody : row.Id, row.Pseudonym);
    }

    public long Count(SqliteConnection connection, WearerTable table)
    {
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {table.Name} WHERE {table.Of}";
        foreach (var (name, value) in Parameters)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>
    /// Deletes their next samples after an instant; where the slice ended, null when it was the last.
    /// </summary>
    public (int Rows, long? Last) DeleteFrom(WriteSession session, WearerTable table, long from, int slice)
    {
        // One series may fill an instant with no more than a few rows, so a slice is about as large as asked.
        var last = session.Connection.ExecuteScalar<long?>($"""
            SELECT t FROM {table.Name} WHERE t>@from AND series IN (SELECT id FROM series WHERE wearer=@w)
            ORDER BY t LIMIT 1 OFFSET {slice - 1}
            """, new { from, w = Number });
        var rows = session.Execute($"DELETE FROM {table.Name} WHERE t>$f AND t<=$l AND {table.Of}",
            [("$f", from), ("$l", last ?? long.MaxValue), .. Parameters]);
        return (rows, last);
    }
}
