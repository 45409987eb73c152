using System.Collections.Frozen;
using Microsoft.Extensions.Options;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Who may connect to the embedded broker: the accounts of the configuration, which win, and those of the
/// file, which are read again whenever it changes.
/// </summary>
sealed partial class Accounts
{
    static readonly Account Own = new(InternalAccount.User, TopicRights.Worker, null, null);

    readonly AccountFile _file;
    readonly WatchedFile _watched;
    readonly Dictionary<string, Account> _configured;
    readonly ILogger<Accounts> _logger;

    // Guarded by _gate: reading, and whose connections are to be closed.
    readonly Lock _gate = new();
    readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    volatile FrozenDictionary<string, Account> _accounts;
    volatile bool _isIntact = true;

    public Accounts(
        IOptions<BrokerOptions> options, StoreOptions store, TimeProvider time, ILogger<Accounts> logger)
    {
        var named = options.Value.Accounts;
        PasswordFile = named.Count > 0 ? null : GatewayAccount.PathIn(store.Directory);
        _configured = (named.Count > 0 ? named : [GatewayAccount.Open(store.Directory)])
            .ToDictionary(a => a.User, ToAccount, StringComparer.Ordinal);
        _file = new AccountFile(store.Directory);
        _watched = new WatchedFile(_file.Path, time);
        _logger = logger;
        _watched.MayHaveChanged();
        _file.Close();
        _accounts = Merge(_file.Read());
    }

    /// <summary>Where the password of the account stands that was made because none is named.</summary>
    public string? PasswordFile { get; }

    /// <summary>False while the file cannot be read: the accounts known before then stay.</summary>
    public bool IsIntact => _isIntact;

    public Account? Find(string user) => _accounts.GetValueOrDefault(user);

    /// <summary>Reads the file again if it may have changed.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            if (!_watched.MayHaveChanged() && _isIntact)
                return;
            try
            {
                _file.Close();
                var fresh = Merge(_file.Read());
                foreach (var (user, account) in _accounts)
                    if (fresh.GetValueOrDefault(user)?.Version != account.Version)
                        _changed.Add(user);
                _accounts = fresh;
                _isIntact = true;
            }
            // Whatever is the matter with the file, those who are connected go on.
            catch (Exception fault)
            {
                if (_isIntact)
                    Log.Torn(_logger, fault is SetupException ? fault.Message
                        : $"The accounts in {_file.Path} cannot be read ({fault.GetType().Name}).");
                _isIntact = false;
            }
        }
    }

    /// <summary>Whose account is gone or another one since the last call: their connections end.</summary>
    public IReadOnlyList<string> TakeChanged()
    {
        lock (_gate)
        {
            if (_changed.Count == 0)
                return [];
            var changed = _changed.ToList();
            _changed.Clear();
            return changed;
        }
    }

    static Account ToAccount(BrokerAccount account) => new(
        account.User, new TopicRights(account.Gateway ? null : account.Wearers),
        PasswordHash.Parse(account.PasswordHash), account.Password is { Length: > 0 } clear ? clear : null);

    FrozenDictionary<string, Account> Merge(IReadOnlyList<StoredAccount> stored)
    {
        var all = new Dictionary<string, Account>(_configured, StringComparer.Ordinal)
        {
            [InternalAccount.User] = Own,
        };
        foreach (var account in stored)
            if (account.Revoked is null)
                all.TryAdd(account.User, account.ToAccount(Json.Write(account))!);
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    static partial class Log
    {
        [LoggerMessage(113, LogLevel.Error, "{Fault} Until then the accounts known before stay.")]
        public static partial void Torn(ILogger logger, string fault);
    }
}
