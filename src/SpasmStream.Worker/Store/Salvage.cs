using System.Security.Cryptography;
using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Store;

/// <summary>What was saved of a table.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rows">Rows that are in the new store.</param>
/// <param name="Refused">Records that were read but cannot be rows of it.</param>
sealed record SalvagedRows(string Table, long Rows, long Refused);

/// <summary>What became of a damaged file.</summary>
/// <param name="Tables">What was saved, table by table.</param>
/// <param name="Pages">Pages of the file.</param>
/// <param name="UnreadablePages">Pages that a tree leads to and that can no longer be read.</param>
/// <param name="UnreadableRows">Records on readable pages that could not be read.</param>
sealed record SalvageReport(
    IReadOnlyList<SalvagedRows> Tables, int Pages, long UnreadablePages, long UnreadableRows);

/// <summary>
/// Takes every row that can still be read out of a damaged file, page by page, into a fresh store. A page
/// says by itself which rows lie on it, so one that is damaged costs its own rows only, even when it is the
/// one that led to all others.
/// </summary>
sealed class Salvage : IDisposable
{
    const int RowsPerCommit = 20_000;

    // Ours, and made anew: whose file it is, and what is to be forwarded, which is everything then.
    const string Own = "'instance', 'forward', 'forward_target'";

    readonly PageFile _file;
    readonly SqliteConnection _target;
    readonly Dictionary<string, SalvagedTable> _tables = [];
    readonly Dictionary<int, string> _owners = [];
    readonly List<(string Table, object?[] Values)> _copies = [];
    long _pending;

    public Salvage(PageFile file, SqliteConnection target)
    {
        (_file, _target) = (file, target);
        // Rows come in the order of their pages, and what they refer to may come later or never.
        Execute("PRAGMA foreign_keys=0");
        foreach (var name in TableNames())
            _tables[name] = new SalvagedTable(target, name);
    }

    public SalvageReport Run(Action<long> done)
    {
        FindOwners();
        var (unreadable, damaged) = (0L, 0L);
        Execute("BEGIN");
        for (var number = 2; number <= _file.Count; number++)
        {
            done(1);
            if (BtreePage.Open(_file, number) is { } page)
                damaged += Take(page, _owners.GetValueOrDefault(number));
            else if (_owners.ContainsKey(number))
                unreadable++;
        }

        PutCopies();
        // Of an older schema, which did not know when it had been kept.
        Execute("UPDATE dead_letter SET kept=received WHERE kept=0");
        Execute("COMMIT");
        return new SalvageReport(
            [.. _tables.Values.Select(table => new SalvagedRows(table.Name, table.Rows, table.Refused))],
            _file.Count, unreadable, damaged);
    }

    /// <summary>Whom a damaged file has barred, as far as it can be read.</summary>
    public static IReadOnlyList<BarredName> BarredIn(PageFile file)
    {
        var barred = new List<BarredName>();
        for (var number = 2; number <= file.Count; number++)
            if (BtreePage.Open(file, number) is { Kind: PageKind.LeafIndex or PageKind.InteriorIndex } page)
                foreach (var (_, values) in page.Records())
                    if (values is [byte[] { Length: 32 } hash, byte[] { Length: 16 } salt, long at])
                        barred.Add(new BarredName(hash, salt, at));
        return barred;
    }

    public void Dispose()
    {
        foreach (var table in _tables.Values)
            table.Dispose();
    }

    IEnumerable<string> TableNames()
    {
        using var command = _target.CreateCommand();
        command.CommandText =
            $"SELECT name FROM sqlite_master WHERE type='table' AND name NOT IN ({Own}) ORDER BY name";
        using var row = command.ExecuteReader();
        while (row.Read())
            yield return row.GetString(0);
    }

    /// <summary>
    /// Follows every tree from its root as far as its pages can be read; a page that nothing leads to any
    /// more tells by its rows what it is.
    /// </summary>
    void FindOwners()
    {
        var schema = new List<int> { 1 };
        for (var i = 0; i < schema.Count; i++)
            if (BtreePage.Open(_file, schema[i]) is { } page)
            {
                schema.AddRange(page.Children().Where(child => IsPage(child) && !schema.Contains(child)));
                foreach (var (_, values) in page.Records())
                    if (values is [string, string name, string, long root, ..] && IsPage((int)root))
                        Follow((int)root, name);
            }

        foreach (var number in schema)
            _owners[number] = "sqlite_schema";
    }

    void Follow(int root, string name)
    {
        var open = new Stack<int>([root]);
        while (open.TryPop(out var number))
            if (_owners.TryAdd(number, name) && BtreePage.Open(_file, number) is { } page)
                foreach (var child in page.Children().Where(IsPage))
                    open.Push(child);
    }

    bool IsPage(int number) => number > 1 && number <= _file.Count;

    int Take(BtreePage page, string? owner)
    {
        if (owner is not null && !_tables.ContainsKey(owner))
        {
            Remember(page, owner);
            return 0;
        }

        foreach (var (rowId, values) in page.Records())
        {
            var table = owner is not null ? _tables[owner] : OfShape(page.Kind, rowId, values);
            table?.Put(rowId, values);
            if (++_pending % RowsPerCommit == 0)
                Execute("COMMIT; BEGIN");
        }

        return page.Damaged;
    }

    SalvagedTable? OfShape(PageKind kind, long rowId, object?[] values) => _tables.Values.FirstOrDefault(
        table => table.HasRowIds == (kind == PageKind.LeafTable) && table.Fits(rowId, values)
            && IsLikely(table.Name, table.Whole(values)));

    // Tables with like columns: the receipt, in milliseconds since 1970, is no small number.
    static bool IsLikely(string table, object?[] values)
    {
        const long recent = 100_000_000_000;
        return table switch
        {
            "sample" => values[4] is long and > recent,
            "sample_superseded" => values[6] is long and > recent,
            "message_key" => values[1] is long and > recent,
            "counter" => values[0] is string name && Enum.TryParse<Counter>(name, out _),
            "hour_summary" or "dirty" or "preceded" => values[2] is long and > recent,
            _ => true,
        };
    }

    /// <summary>
    /// The names lie in few pages, and nothing is anybody's without them: an index repeats them.
    /// </summary>
    void Remember(BtreePage page, string owner)
    {
        var table = owner switch
        {
            "sqlite_autoindex_wearer_1" => "wearer",
            "sqlite_autoindex_series_1" => "series",
            _ => null,
        };
        if (table is not null)
            _copies.AddRange(page.Records().Select(record => (table, record.Values)));
    }

    void PutCopies()
    {
        foreach (var (table, values) in _copies)
            if (table == "wearer" && values is [string name, long id])
                _tables[table].Put(id, [null, name,
                    "w-" + RandomNumberGenerator.GetHexString(12, lowercase: true), 0L, 0L, null, 0L]);
            else if (table == "series" && values is [.. var columns, long number])
                _tables[table].Put(number, [null, .. columns, null]);
    }

    void Execute(string sql)
    {
        using var command = _target.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
