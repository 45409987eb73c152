namespace SpasmStream.Worker.Store;

/// <summary>A table with something of a wearer in it, and how their rows are found.</summary>
/// <param name="Name">The table.</param>
/// <param name="Of">
/// A condition over <c>$w</c>, the wearer's number, <c>$p</c>, the pseudonym, and <c>$n</c>, the name.
/// </param>
sealed record WearerTable(string Name, string Of)
{
    const string OwnSeries = "series IN (SELECT id FROM series WHERE wearer=$w)";

    /// <summary>Every table that holds anything of a wearer; what refers to another comes first.</summary>
    public static readonly IReadOnlyList<WearerTable> All =
    [
        // Values are packed with those of others: see ForwardErasure. This is what is mirrored.
        new("forward", "wearer=$w"),
        new("sample", OwnSeries),
        new("sample_superseded", OwnSeries),
        new("series", "wearer=$w"),
        new("sample_fact", "wearer=$w"),
        new("entry", "wearer=$w"),
        new("device", "wearer=$w"),
        new("dirty", "wearer=$w"),
        new("hour_summary", "wearer=$w"),
        new("hour_digest", "wearer=$w"),
        new("thinned", "wearer=$w"),
        new("day_summary", "wearer=$w"),
        new("forecast", "wearer=$w"),
        new("risk_window", "wearer=$w"),
        new("preceded", "wearer=$w"),
        new("alert", "wearer=$w"),
        new("outbox", "wearer=$w"),
        new("gap", "wearer=$w"),
        new("dead_letter", """
            (pseudonym=$p OR substr(topic||'/', 1, length($n)+19)='spasmstream/v1/in/'||$n||'/')
            """),
        // Our own rows, whose filters name the wearer, stay without those: see Erasure.
        new("broker_session", "substr(client||':', 1, length($n)+1)=$n||':'"),
        new("wearer", "id=$w"),
    ];

    /// <summary>What is left: tables that name nobody.</summary>
    public static readonly IReadOnlyList<string> Nobodys =
    [
        "clock", "counter", "dead_payload", "erased", "forward_target", "instance", "message_key",
        "payload_key", "retention", "store_size",
    ];
}
