namespace SpasmStream.Worker.Store;

/// <summary>
/// A table walked in the order of its key, a slice at a time: what a slice visits is one stretch of pages.
/// </summary>
/// <param name="Table">The table.</param>
/// <param name="Columns">The first columns of its key, by commas.</param>
/// <param name="Stop">A condition on the first of them that ends the walk; any row without one.</param>
sealed record KeyRange(string Table, string Columns, string Stop = "TRUE")
{
    readonly string[] _names = Columns.Split(", ");

    /// <summary>The stretch after a key: as far as that many rows reach.</summary>
    public Stretch Next(WriteSession session, object[]? after, int rows, params (string, object?)[] values)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM {Table} WHERE {After(after)} AND {Stop} "
            + $"ORDER BY {Columns} LIMIT 1 OFFSET $rows";
        var bound = new List<(string Name, object? Value)>(values) { ("$rows", rows - 1) };
        for (var i = 0; i < (after?.Length ?? 0); i++)
            bound.Add(($"$a{i}", after![i]));
        foreach (var (name, value) in bound)
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        using var row = command.ExecuteReader();
        bound.RemoveAll(value => value.Name == "$rows");
        if (!row.Read())
            return new Stretch($"{After(after)} AND {Stop}", bound, null);

        var last = new object[_names.Length];
        row.GetValues(last);
        for (var i = 0; i < last.Length; i++)
            bound.Add(($"$z{i}", last[i]));
        return new Stretch($"{After(after)} AND ({Columns}) <= ({Parameters("$z")})", bound, last);
    }

    string After(object[]? key) => key is null ? "TRUE"
        // A start is a first column alone: everything from there on.
        : key.Length == 1 ? $"{_names[0]} >= $a0"
        : $"({Columns}) > ({Parameters("$a")})";

    string Parameters(string prefix) => string.Join(", ", _names.Select((_, i) => $"{prefix}{i}"));
}

/// <summary>One slice of a table.</summary>
/// <param name="Condition">Which rows are in it, as SQL.</param>
/// <param name="Values">What is bound in it.</param>
/// <param name="Last">Its last key; null when the walk ends with it.</param>
sealed record Stretch(string Condition, List<(string Name, object? Value)> Values, object[]? Last)
{
    /// <summary>Runs a statement over the slice.</summary>
    public int Execute(WriteSession session, string sql, params (string, object?)[] more) =>
        session.Execute(sql, [.. Values, .. more]);
}
