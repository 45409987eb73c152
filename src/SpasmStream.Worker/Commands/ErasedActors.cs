using Dapper;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Which names in the log of what was done are as good as the name of an erased wearer: their accounts, also
/// those that are gone from the accounts by now, which <c>devices add</c> called after wearer and device.
/// </summary>
sealed class ErasedActors
{
    readonly string _name;
    readonly IReadOnlySet<string> _users;
    readonly HashSet<string> _others;
    readonly List<string> _longer;

    ErasedActors(string name, IReadOnlySet<string> users, HashSet<string> others, List<string> longer) =>
        (_name, _users, _others, _longer) = (name, users, others, longer);

    /// <summary>To be asked for while the store and the accounts still know everybody.</summary>
    /// <param name="directory">Where the accounts are.</param>
    /// <param name="file">The store.</param>
    /// <param name="wearer">Who is to be erased.</param>
    /// <param name="users">The accounts that are theirs alone.</param>
    public static ErasedActors Of(
        string directory, StoreFile file, WearerId wearer, IReadOnlySet<string> users)
    {
        var name = wearer.ToString();
        var others = BesideFile.Accounts(directory).All().Select(it => it["user"]?.ToString())
            .OfType<string>().Except(users).ToHashSet(StringComparer.Ordinal);
        using var reader = file.OpenReader();
        // Somebody else may be called as if they were a device of this one.
        var longer = reader.Query<string>("SELECT name FROM wearer")
            .Concat(BesideFile.Wearers(directory).All().Select(it => it["id"]?.ToString()).OfType<string>())
            .Where(other => other.StartsWith(name + "-", StringComparison.Ordinal)).Distinct().ToList();
        return new ErasedActors(name, users, others, longer);
    }

    public bool Contains(string actor) => _users.Contains(actor)
        || (IsOf(actor, _name) && !_others.Contains(actor) && !_longer.Exists(other => IsOf(actor, other)));

    static bool IsOf(string actor, string wearer) =>
        actor == wearer || actor.StartsWith(wearer + "-", StringComparison.Ordinal);
}
