using System.Security.Cryptography;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>Makes, revokes and renews the accounts of devices.</summary>
sealed class DeviceAccounts(Settings settings, TimeProvider time)
{
    const int NameMax = 100;

    // Without what is mistaken for another when it is typed off a screen.
    const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    const int PasswordLength = 24;

    readonly AccountFile _file = new(settings.Store.Directory);

    Instant Now => Instant.FromDateTimeOffset(time.GetUtcNow());

    /// <summary>
    /// A new account with its password. With an external broker it is only made up: that broker keeps it.
    /// </summary>
    /// <param name="wearers">One name; for a gateway several by commas, or <c>all</c>.</param>
    /// <param name="device">The device, or a name for the gateway.</param>
    /// <param name="gateway">Whether it publishes for several, as any device.</param>
    /// <param name="diary">Whether it may publish diary entries too.</param>
    public (StoredAccount Account, string Password) Add(
        string wearers, string device, bool gateway, bool diary)
    {
        string[] named = gateway && wearers == "all" ? [] : gateway ? wearers.Split(',') : [wearers];
        var listed = settings.ListedWearers().Select(wearer => wearer.Id).ToHashSet(StringComparer.Ordinal);
        if (named.FirstOrDefault(wearer => !listed.Contains(wearer)) is { } stranger)
            throw new SetupException($"Nobody called {stranger} is listed: spasmstream wearers add.");
        if (!WearerId.IsValid(device) || device == "diary")
            throw new SetupException(
                "A device is called 1 to 64 of a-z, 0-9, _ and -; diary is not one, it is --diary.");
        var password = RandomNumberGenerator.GetString(Letters, PasswordLength);
        StoredAccount Make(IReadOnlyList<StoredAccount> others) => new()
        {
            User = Name(gateway ? $"gateway-{device}" : $"{wearers}-{device}", others),
            Wearers = named,
            All = named.Length == 0,
            Device = gateway ? null : device,
            Diary = diary && !gateway,
            PasswordHash = PasswordHash.Make(password).ToString(),
            Created = Now,
        };
        if (!settings.UsesEmbeddedBroker)
            return (Make([]), password);
        var account = _file.Change(all =>
        {
            if (!gateway && all.Find(it => it.Revoked is null && it.Device == device
                && it.Wearers.SequenceEqual(named)) is { } there)
                throw new SetupException($"{device} of {wearers} has the account {there.User} already: "
                    + "devices rotate makes a new password, devices revoke ends it.");
            var made = Make(all);
            all.Add(made);
            return made;
        });
        Note("device-add");
        return (account, password);
    }

    /// <summary>Ends an account for good; its name is never given again.</summary>
    public StoredAccount Revoke(string user) =>
        Replace(user, "device-revoke", account => account with { Revoked = Now });

    /// <summary>The account with a new password.</summary>
    public (StoredAccount Account, string Password) Rotate(string user)
    {
        var password = RandomNumberGenerator.GetString(Letters, PasswordLength);
        return (Replace(user, "device-rotate",
            account => account with { PasswordHash = PasswordHash.Make(password).ToString() }), password);
    }

    StoredAccount Replace(string user, string action, Func<StoredAccount, StoredAccount> change)
    {
        if (settings.Broker.Accounts.Exists(account => account.User == user))
            throw new SetupException($"{user} stands in the configuration; change it there.");
        var changed = _file.Change(all =>
        {
            var index = all.FindIndex(account => account.User == user && account.Revoked is null);
            if (index < 0)
                throw new SetupException($"There is no account {user}; see: spasmstream devices list.");
            return all[index] = change(all[index]);
        });
        Note(action);
        return changed;
    }

    // Names of wearers and devices may hold the sign between them, so a name may be taken by another pair.
    string Name(string wish, IReadOnlyList<StoredAccount> others)
    {
        var start = wish.Length <= NameMax ? wish : wish[..NameMax];
        var taken = others.Select(account => account.User)
            .Concat(settings.Broker.Accounts.Select(account => account.User))
            .Append(GatewayAccount.User).Append(InternalAccount.User).ToHashSet(StringComparer.Ordinal);
        return Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? start : $"{start}-{n}")
            .First(name => !taken.Contains(name));
    }

    void Note(string action) => new SecurityLog(settings.Store.Directory).Append(
        new SecurityEvent(Now, "operator", action, null, null));
}
