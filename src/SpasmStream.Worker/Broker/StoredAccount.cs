using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Broker;

/// <summary>An account that was made by <c>devices add</c>, as it stands in the file.</summary>
sealed record StoredAccount
{
    const int UserMax = 110;

    /// <summary>User name: 1 to 110 of A-Z, a-z, 0-9, _ and -.</summary>
    public required string User { get; init; }

    /// <summary>The wearers it may publish and read for; empty when for all.</summary>
    public IReadOnlyList<string> Wearers { get; init; } = [];

    /// <summary>Whether it may publish and read for every listed wearer.</summary>
    public bool All { get; init; }

    /// <summary>The only device it may publish as; null for a gateway.</summary>
    public string? Device { get; init; }

    /// <summary>Whether it may publish diary entries beside its device's.</summary>
    public bool Diary { get; init; }

    public required string PasswordHash { get; init; }

    public required Instant Created { get; init; }

    /// <summary>When it was revoked; null while it is good. A revoked name is never given again.</summary>
    public Instant? Revoked { get; init; }

    /// <summary>Whether a text may be a user name, which begins client ids.</summary>
    public static bool IsUser(string? text) => text is { Length: > 0 and <= UserMax }
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>The account for the broker; null when something in it is not what it should be.</summary>
    public Account? ToAccount(string version) =>
        IsUser(User) && User != InternalAccount.User
        && Broker.PasswordHash.Parse(PasswordHash) is { } hash
        && All == (Wearers.Count == 0) && Wearers.All(w => WearerId.IsValid(w) && w != InternalAccount.User)
        && (Device is null || WearerId.IsValid(Device))
            ? new Account(User, new TopicRights(All ? null : Wearers, Device, Diary), hash, null, version)
            : null;
}
