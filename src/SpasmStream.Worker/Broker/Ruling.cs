namespace SpasmStream.Worker.Broker;

/// <summary>What the broker says of a message before anybody looks into it.</summary>
enum Ruling
{
    /// <summary>It may be published.</summary>
    Granted,

    /// <summary>It belongs to somebody else, or nobody may publish there.</summary>
    Denied,

    /// <summary>It is no topic of ours; it becomes a dead letter.</summary>
    NoTopic,

    /// <summary>A topic no honest device sends: wildcards, control characters, a system topic.</summary>
    Suspicious,
}

/// <summary>What the broker says of a subscription.</summary>
enum FilterRuling
{
    /// <summary>All it can match may be read.</summary>
    Granted,

    /// <summary>It can match what may not be read.</summary>
    Denied,

    /// <summary>It is no filter.</summary>
    Invalid,
}
