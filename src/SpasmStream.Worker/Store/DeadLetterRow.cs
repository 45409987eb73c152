using System.Data;
using Dapper;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>Which dead letters are meant; what is null does not matter.</summary>
sealed record DeadLetterFilter
{
    // One text for every filter: what is not asked for is null.
    public const string Where = """
        (@Id IS NULL OR id=@Id)
        AND (@Reason IS NULL OR reason=@Reason OR substr(reason, 1, length(@Reason)+1)=@Reason || ':')
        AND (@Name IS NULL OR pseudonym=(SELECT pseudonym FROM wearer WHERE name=@Name)
            OR substr(topic, 1, length(@Topics))=@Topics)
        AND (@SinceMs IS NULL OR received>=@SinceMs) AND (@BeforeMs IS NULL OR received<@BeforeMs)
        """;

    public long? Id { get; init; }

    /// <summary>A code, or what stands before its colon: <c>missing</c> is <c>missing:bpm</c> too.</summary>
    public string? Reason { get; init; }

    /// <summary>A wearer, also one who was refused because nobody listed them.</summary>
    public WearerId? Wearer { get; init; }

    public Instant? Since { get; init; }

    public Instant? Before { get; init; }

    public string? Name => Wearer?.ToString();

    public string? Topics => Wearer is { } wearer ? $"spasmstream/v1/in/{wearer}/" : null;

    public long? SinceMs => Ms.Of(Since);

    public long? BeforeMs => Ms.Of(Before);

    /// <summary>As parameters of <see cref="Where"/>.</summary>
    public object Parameters => new { Id, Reason, Name, Topics, SinceMs, BeforeMs };
}

/// <summary>One dead letter, without its payload.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Received">When the message came.</param>
/// <param name="Replayed">Whether its sender said when.</param>
/// <param name="Topic">Its topic, at most 256 characters.</param>
/// <param name="Pseudonym">Whose it was; null when that is not known.</param>
/// <param name="Reason">The reason code.</param>
/// <param name="Detail">What was wrong, without a value.</param>
/// <param name="Item">The item in its batch; null for the whole message.</param>
/// <param name="Items">How many refused items the row stands for.</param>
/// <param name="Size">Bytes of the payload as it came.</param>
/// <param name="Kept">Bytes of it that were kept.</param>
/// <param name="Hash">SHA-256 of the payload as it came.</param>
/// <param name="Written">When it was written down, by the machine's clock.</param>
sealed record DeadLetterRow(long Id, Instant Received, bool Replayed, string Topic, string? Pseudonym,
    string Reason, string Detail, int? Item, int Items, int Size, int Kept, byte[] Hash, Instant Written)
{
    const string Columns = """
        SELECT id, received, replayed, topic, pseudonym, reason, detail, item, items, size,
            ifnull(length(unseal('dead_payload', dead_payload.hash, payload)), 0) AS kept,
            payload_hash AS hash, dead_letter.kept AS written
        FROM dead_letter JOIN dead_payload ON dead_payload.hash=payload_hash
        """;

    /// <summary>Whether the end of the payload is gone, so that it can never be read again.</summary>
    public bool IsCut => Kept < Size;

    /// <summary>The newest first.</summary>
    public static IReadOnlyList<DeadLetterRow> Newest(
        IDbConnection reader, DeadLetterFilter filter, int limit) =>
        Read(reader, $"{Columns} WHERE {DeadLetterFilter.Where} ORDER BY id DESC LIMIT {limit}",
            filter.Parameters);

    /// <summary>One row of each message that has a row under the filter, oldest first.</summary>
    public static IReadOnlyList<long> Messages(IDbConnection reader, DeadLetterFilter filter) =>
        reader.Query<long>($"""
            SELECT min(id) AS first FROM dead_letter WHERE {DeadLetterFilter.Where}
            GROUP BY received, topic, payload_hash ORDER BY first
            """, filter.Parameters).ToList();

    /// <summary>All rows of the message that a row belongs to; none when it is gone.</summary>
    public static IReadOnlyList<DeadLetterRow> Siblings(IDbConnection reader, long id) => Read(reader, $"""
        {Columns} WHERE (payload_hash, received, topic)=
            (SELECT payload_hash, received, topic FROM dead_letter WHERE id=@id) ORDER BY id
        """, new { id });

    /// <summary>What is kept of its payload.</summary>
    public byte[] Payload(IDbConnection reader) => reader.ExecuteScalar<byte[]>(
        "SELECT ifnull(unseal('dead_payload', hash, payload), x'') FROM dead_payload WHERE hash=@Hash",
        new { Hash })!;

    static List<DeadLetterRow> Read(IDbConnection reader, string sql, object parameters) =>
        reader.Query<Raw>(sql, parameters).Select(row => new DeadLetterRow(row.Id, Ms.ToInstant(row.Received),
            row.Replayed != 0, row.Topic, row.Pseudonym, row.Reason, row.Detail, (int?)row.Item,
            (int)row.Items, (int)row.Size, (int)row.Kept, row.Hash,
            Ms.ToInstant(row.Written))).ToList();

    sealed record Raw
    {
        public long Id { get; init; }

        public long Received { get; init; }

        public long Replayed { get; init; }

        public string Topic { get; init; } = "";

        public string? Pseudonym { get; init; }

        public string Reason { get; init; } = "";

        public string Detail { get; init; } = "";

        public long? Item { get; init; }

        public long Items { get; init; }

        public long Size { get; init; }

        public long Kept { get; init; }

        public byte[] Hash { get; init; } = [];

        public long Written { get; init; }
    }
}
