using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>Rows that went from a table.</summary>
sealed record ErasedRows(string Table, long Rows);

/// <summary>
/// Takes every row of a wearer out of the file, in slices. Their name is barred first, in a commit of its
/// own, so that nothing of them can come in again, not even by a message that was sent long ago.
/// </summary>
sealed class Erasure(StoreWriter writer, WearerId wearer)
{
    const int SliceRows = 5_000;

    /// <summary>What there is of them, table by table.</summary>
    public static IReadOnlyList<ErasedRows> Count(StoreFile file, WearerId wearer)
    {
        using var reader = file.OpenReader();
        var whose = ErasedWearer.Find(reader, wearer);
        return [.. WearerTable.All.Select(table =>
            new ErasedRows(table.Name, whose.Count(reader, table)))];
    }

    /// <summary>Erases; the rows that went, table by table.</summary>
    /// <param name="at">When.</param>
    /// <param name="users">Users of the broker who are nobody but the wearer.</param>
    /// <param name="done">Told how many rows more went.</param>
    /// <param name="cancellationToken">What went by then stays gone.</param>
    public async Task<IReadOnlyList<ErasedRows>> RunAsync(Instant at, IReadOnlyCollection<string> users,
        Action<long> done, CancellationToken cancellationToken)
    {
        var whose = await writer.RunAsync(session =>
        {
            session.Erased.Add(wearer, at);
            return ErasedWearer.Find(session.Connection, wearer);
        }, cancellationToken);
        var gone = new List<ErasedRows>();
        foreach (var table in WearerTable.All)
        {
            var rows = table.Name switch
            {
                "sample" or "sample_superseded" =>
                    await DeleteSamplesAsync(whose, table, done, cancellationToken),
                "forward" => await UnpackAsync(whose, cancellationToken)
                    + await DeleteAsync(whose, table, done, cancellationToken, Counter.PointsErased),
                _ => await DeleteAsync(whose, table, done, cancellationToken),
            };
            gone.Add(new ErasedRows(table.Name, rows));
        }

        var payloads = await writer.RunAsync(session => session.Execute(
            "DELETE FROM dead_payload WHERE hash NOT IN (SELECT payload_hash FROM dead_letter)"),
            cancellationToken);
        gone.Add(new ErasedRows("dead_payload", payloads));
        await writer.RunAsync(session =>
        {
            foreach (var user in users)
                session.Execute("""
                    DELETE FROM broker_session WHERE substr(client||':', 1, length($u)+1)=$u||':'
                    """, ("$u", user));
            // Our own session at a broker goes on; what it named of them does not.
            session.Execute("""
                UPDATE broker_session SET filters=(SELECT json_group_array(value) FROM json_each(filters)
                    WHERE instr(value||'/', '/'||$n||'/')=0) WHERE instr(filters, '/'||$n||'/')>0
                    OR instr(filters, '/'||$n||'"')>0
                """, ("$n", wearer.ToString()));
            // Numbers that were given to the wearer and their series are void.
            session.Names.Forget();
            return true;
        }, cancellationToken);
        return gone;
    }

    async Task<long> UnpackAsync(ErasedWearer whose, CancellationToken cancellationToken)
    {
        for (var (all, after) = (0L, long.MinValue); ;)
        {
            var (points, last) = await writer.RunAsync(
                session => ForwardErasure.Slice(session, whose, after), cancellationToken);
            all += points;
            if (last is not { } end)
                return all;
            after = end;
        }
    }

    async Task<long> DeleteAsync(ErasedWearer whose, WearerTable table, Action<long> done,
        CancellationToken cancellationToken, Counter? counter = null)
    {
        for (var all = 0L; ;)
        {
            var rows = await writer.RunAsync(session =>
            {
                var key = KeyOf(session, table.Name);
                var gone = session.Execute($"""
                    DELETE FROM {table.Name} WHERE ({key}) IN (
                        SELECT {key} FROM {table.Name} WHERE {table.Of} LIMIT {SliceRows})
                    """, whose.Parameters);
                if (counter is { } counted)
                    session.Count(counted, gone);
                return gone;
            }, cancellationToken);
            if (rows == 0)
                return all;
            all += rows;
            done(rows);
        }
    }

    // The key begins with the time, and the rows of a series lie scattered: each slice goes on where the
    // last one ended, so that the table is gone through once.
    async Task<long> DeleteSamplesAsync(
        ErasedWearer whose, WearerTable table, Action<long> done, CancellationToken cancellationToken)
    {
        for (var (all, from) = (0L, long.MinValue); ;)
        {
            var (rows, last) = await writer.RunAsync(
                session => whose.DeleteFrom(session, table, from, SliceRows), cancellationToken);
            all += rows;
            done(rows);
            if (last is not { } end)
                return all;
            from = end;
        }
    }

    static string KeyOf(WriteSession session, string table)
    {
        using var command = session.Connection.CreateCommand();
        command.CommandText = """
            SELECT coalesce(group_concat(name), 'rowid') FROM (
                SELECT name FROM pragma_table_info($t) WHERE pk>0 ORDER BY pk)
            """;
        command.Parameters.AddWithValue("$t", table);
        return (string)command.ExecuteScalar()!;
    }
}
