using Microsoft.Data.Sqlite;

namespace SpasmStream.Worker.Commands;

/// <summary>How a stored value is said in an export.</summary>
enum CellKind
{
    Plain,
    Instant,
    Hour,
    YesNo,
    Json,
    Bytes,
    Cells,
    Signal,
    Stat,
    Flags,
}

/// <summary>A column of an exported file.</summary>
readonly record struct ExportedColumn(string Name, string Expression, CellKind Kind);

/// <summary>
/// One file of a wearer's export: which rows it holds, in which order, and how its columns read for somebody
/// who does not know our store.
/// </summary>
sealed class ExportedTable
{
    // The samples are gone through once, in the order they lie in; the series are few.
    const string OfSeries = "CROSS JOIN series ON series.id=series WHERE wearer=$w ORDER BY t, series, dur";

    const string SampleColumns = "device signal:signal stat:stat source start=t:instant duration_ms=dur "
        + "value received:instant revision=rev flags:flags quality=q offset_minutes=off "
        + "gone:instant";

    const string DeadLetters = """
        dead_letter LEFT JOIN dead_payload ON hash=payload_hash
        WHERE pseudonym=$p OR substr(topic||'/', 1, length($n)+19)='spasmstream/v1/in/'||$n||'/' ORDER BY id
        """;

    public static readonly IReadOnlyList<ExportedTable> All =
    [
        new("wearer", "wearer WHERE id=$w",
            "name pseudonym created:instant confirmed:yesno assessed:instant"),
        new("samples", "sample " + OfSeries, SampleColumns),
        new("superseded", "sample_superseded " + OfSeries + ", rev, value", SampleColumns),
        new("facts", "sample_fact WHERE wearer=$w ORDER BY device, kind, id, rev, withdrawn, hash",
            "device kind id revision=rev withdrawn:yesno received:instant replayed:yesno "
            + "said=unseal('sample_fact',hash,payload):json"),
        new("entries", "entry WHERE wearer=$w ORDER BY received, hash", "device kind key revision=rev "
            + "at:instant received:instant replayed:yesno said=unseal('entry',hash,payload):json"),
        new("devices", "device WHERE wearer=$w ORDER BY name",
            "name at:instant received:instant online:yesno battery worn:yesno charging:yesno"),
        new("hours", "hour_summary WHERE wearer=$w ORDER BY hour, known_at",
            "hour:hour known_at:instant minutes=cells:cells"),
        new("hour-digests", "hour_digest WHERE wearer=$w ORDER BY hour", "hour:hour known_at:instant "
            + "heart_rate_minutes heart_rate_median heart_rate_min heart_rate_max step_minutes steps"),
        new("days", "day_summary WHERE wearer=$w ORDER BY date, known_at",
            "date known_at:instant summary:json"),
        new("forecasts", "forecast WHERE wearer=$w ORDER BY issued, id", "issued:instant date kind target "
            + "origin probability base_rate band at_risk:yesno gap coverage data_until:instant gate model "
            + "alerted:yesno features:json reasons:json"),
        new("risk-windows", "risk_window WHERE wearer=$w ORDER BY start, target", "target start:instant "
            + "end:instant updated:instant peak peak_relative_risk band reasons:json"),
        new("preceded", "preceded WHERE wearer=$w ORDER BY onset, episode, window_start",
            "episode onset:instant window_start:instant"),
        new("alerts", "alert WHERE wearer=$w ORDER BY raised, key",
            "key raised:instant window_start:instant alert:json"),
        new("outbox", "outbox WHERE wearer=$w ORDER BY created, key, channel", "key channel created:instant "
            + "announcement:json state attempts next:instant expires:instant done:instant receipt"),
        new("dead-letters", DeadLetters,
            "received:instant topic reason detail item items size replayed:yesno "
            + "payload=ifnull(unseal('dead_payload',hash,payload),substr(payload,1,0)):bytes"),
        new("gaps", "gap WHERE wearer=$w OR wearer IS NULL ORDER BY start, id",
            "everybody=ifnull(wearer,0)=0:yesno device cause start:instant end:instant lost"),
    ];

    readonly string _rows;

    /// <param name="name">What the file is called, without its ending.</param>
    /// <param name="rows">Where the rows come from: all that follows FROM.</param>
    /// <param name="columns">
    /// <c>name=expression:kind</c>, one after the other; both may be left out.
    /// </param>
    ExportedTable(string name, string rows, string columns)
    {
        (Name, _rows) = (name, rows);
        Columns = [.. columns.Split(' ').Select(Parse)];
    }

    public string Name { get; }

    public IReadOnlyList<ExportedColumn> Columns { get; }

    /// <summary>The wearer's rows as they are read; the array is the same one each time.</summary>
    public IEnumerable<object?[]> Rows(SqliteConnection reader, ExportedWearer wearer)
    {
        using var command = reader.CreateCommand();
        command.CommandText =
            $"SELECT {string.Join(", ", Columns.Select(column => column.Expression))} FROM {_rows}";
        wearer.Bind(command);
        using var row = command.ExecuteReader();
        var (raw, cells) = (new object[Columns.Count], new object?[Columns.Count]);
        var text = new CellText();
        while (row.Read())
        {
            row.GetValues(raw);
            for (var i = 0; i < raw.Length; i++)
                cells[i] = raw[i] is DBNull ? null : text.Of(Columns[i].Kind, raw[i]);
            yield return cells;
        }
    }

    /// <summary>How many rows there are.</summary>
    public long Count(SqliteConnection reader, ExportedWearer wearer)
    {
        using var command = reader.CreateCommand();
        command.CommandText = $"SELECT count(*) FROM {_rows}";
        wearer.Bind(command);
        return (long)command.ExecuteScalar()!;
    }

    static ExportedColumn Parse(string text)
    {
        var (rest, kind) = text.Split(':') is [var said, var word]
            ? (said, Enum.Parse<CellKind>(word, ignoreCase: true)) : (text, CellKind.Plain);
        var at = rest.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? new ExportedColumn(rest, rest, kind)
            : new ExportedColumn(rest[..at], rest[(at + 1)..], kind);
    }
}

/// <summary>Whose rows are wanted.</summary>
sealed record ExportedWearer(string Name, long Number, string Pseudonym)
{
    public void Bind(SqliteCommand command)
    {
        command.Parameters.AddWithValue("$n", Name);
        command.Parameters.AddWithValue("$w", Number);
        command.Parameters.AddWithValue("$p", Pseudonym);
    }
}
