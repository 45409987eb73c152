using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>
/// The values that meet at one key: the one that stands, and beside it those that lost to it. However many
/// they are, a newcomer is weighed against the one that stands, and only that one's fall asks the others.
/// </summary>
sealed class RivalTable : IDisposable
{
    const string Key = "t=$t AND series=$series AND dur=$dur";
    const string Columns = "value, received, rev, flags, q, off, fact, gone";
    const string Insert = $"(t, series, dur, {Columns}) "
        + "VALUES($t, $series, $dur, $value, $received, $rev, $flags, $q, $off, $fact, $gone)";

    const string Same = $"{Key} AND rev=$rev AND value=$value AND fact=$fact";

    readonly SqliteCommand _standing;
    readonly SqliteCommand _twin;
    readonly SqliteCommand _next;
    readonly SqliteCommand _stand;
    readonly SqliteCommand _drop;
    readonly SqliteCommand _keep;
    readonly SqliteCommand _takeBack;

    public RivalTable(SqliteConnection connection)
    {
        _standing = Prepare(connection, $"SELECT {Columns} FROM sample WHERE {Key}");
        _twin = Prepare(connection, $"SELECT {Columns} FROM sample_superseded WHERE {Same}");
        // As the index sample_superseded_rank has them, and as Rival.Outranks says.
        _next = Prepare(connection, $"""
            SELECT {Columns} FROM sample_superseded WHERE {Key}
            ORDER BY gone IS NULL DESC, rev DESC, received DESC, value DESC, fact DESC LIMIT 1
            """);
        _stand = Prepare(connection, $"""
            INSERT INTO sample{Insert}
            ON CONFLICT DO UPDATE SET value=excluded.value, received=excluded.received, rev=excluded.rev,
                flags=excluded.flags, q=excluded.q, off=excluded.off, fact=excluded.fact,
                gone=excluded.gone
            """);
        _drop = Prepare(connection, $"DELETE FROM sample_superseded WHERE {Same}");
        _keep = Prepare(connection, $"INSERT INTO sample_superseded{Insert}");
        // By way of the index sample_superseded_fact, which an UPDATE would not take by itself.
        _takeBack = Prepare(connection, $"""
            UPDATE sample_superseded SET gone=$gone, flags=CASE WHEN $gone IS NULL
                THEN flags & ~{Rival.DeletedFlag} ELSE flags | {Rival.DeletedFlag} END
            WHERE (t, series, dur, rev, value, fact) IN (
                SELECT t, series, dur, rev, value, fact FROM sample_superseded
                WHERE {Key} AND fact=$fact AND fact<>0)
            """);
    }

    /// <summary>Weighs a value sent for a key that is taken.</summary>
    /// <returns>What became of it, and what stands where somebody is to be told of it.</returns>
    public (SampleFate Fate, Rival? Told) Weigh(SampleKey key, Rival sent)
    {
        var standing = Standing(key)!;
        var twin = standing.IsSame(sent) ? standing : Read(_twin, key, sent);
        if (twin is not null && !sent.IsBefore(twin))
            return (SampleFate.Duplicate, null);
        if (twin is not null && twin != standing)
            Run(_drop, key, twin);
        // An earlier receipt of what stands may make another one win.
        var winner = twin == standing ? Settle(key, sent)
            : sent.Outranks(standing) ? Replace(key, standing, sent) : Lose(key, sent, standing);
        if (twin is not null)
            return (SampleFate.Earlier, winner);
        // A newcomer that lost changes nothing.
        return winner != sent ? (SampleFate.Superseded, null)
            : (sent.Gone is null ? SampleFate.Replaced : SampleFate.Superseded, winner);
    }

    /// <summary>
    /// A version stands for nothing since a receipt, or, null, stands again; what stands then, if anything.
    /// </summary>
    public Rival? TakeBack(SampleKey key, long fact, long? gone)
    {
        BindKey(_takeBack, key);
        _takeBack.Parameters.AddWithValue("$fact", fact);
        _takeBack.Parameters.AddWithValue("$gone", gone ?? (object)DBNull.Value);
        _takeBack.ExecuteNonQuery();
        var standing = Standing(key);
        if (standing?.Fact == fact)
            standing.Gone = gone;
        // Rows that are kept no longer cannot be taken back.
        return Settle(key, standing);
    }

    /// <summary>What stands at a key; null when nothing does.</summary>
    public Rival? Winner(SampleKey key) => Standing(key) ?? Read(_next, key, null);

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_standing, _twin, _next, _stand, _drop, _keep, _takeBack])
            command.Dispose();
    }

    /// <summary>What stands has changed, or is no more: the best of those beside it may come up.</summary>
    Rival? Settle(SampleKey key, Rival? standing)
    {
        var next = Read(_next, key, null);
        if (next is null || standing?.Outranks(next) == true)
        {
            if (standing is not null)
                Run(_stand, key, standing);
            return standing;
        }

        Run(_drop, key, next);
        return Replace(key, standing, next);
    }

    Rival Replace(SampleKey key, Rival? standing, Rival winner)
    {
        if (standing is not null)
            Run(_keep, key, standing);
        Run(_stand, key, winner);
        return winner;
    }

    Rival Lose(SampleKey key, Rival loser, Rival winner)
    {
        Run(_keep, key, loser);
        return winner;
    }

    Rival? Standing(SampleKey key) => Read(_standing, key, null);

    static Rival? Read(SqliteCommand command, SampleKey key, Rival? like)
    {
        BindKey(command, key);
        like?.Bind(command);
        using var row = command.ExecuteReader();
        return row.Read() ? new Rival(row) : null;
    }

    static void Run(SqliteCommand command, SampleKey key, Rival rival)
    {
        BindKey(command, key);
        rival.Bind(command);
        command.ExecuteNonQuery();
    }

    static void BindKey(SqliteCommand command, SampleKey key)
    {
        command.Parameters.Clear();
        command.Parameters.AddWithValue("$t", key.Start);
        command.Parameters.AddWithValue("$series", key.Series);
        command.Parameters.AddWithValue("$dur", key.Duration);
    }

    static SqliteCommand Prepare(SqliteConnection connection, string sql)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
