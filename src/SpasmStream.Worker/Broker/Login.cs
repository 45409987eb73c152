namespace SpasmStream.Worker.Broker;

/// <summary>How a login ended.</summary>
enum LoginEnd
{
    Admitted,
    Wrong,
    TooOften,
    Busy,
}

/// <summary>
/// Decides who comes in: by a certificate, by a password that was right a moment ago, or by a slow check, of
/// which few run at a time so that they cannot take the machine from everybody else.
/// </summary>
sealed class Login(
    Accounts accounts, PasswordCheck passwords, LoginLimits limits, SecurityJournal journal,
    InternalAccount own) : IDisposable
{
    const int WaitingMax = 256;
    const int NameMax = 128;

    readonly SemaphoreSlim _turns = new(Math.Max(1, Environment.ProcessorCount / 2));
    int _waiting;

    /// <param name="user">The name that was given; it may be missing when a certificate says it.</param>
    /// <param name="password">The password that was given.</param>
    /// <param name="address">Where from.</param>
    /// <param name="certified">The names in a client certificate of ours; null without one.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task<(LoginEnd End, Account? Account)> AskAsync(
        string? user, string? password, string address, IReadOnlyList<string>? certified,
        CancellationToken stop)
    {
        if (user == InternalAccount.User && own.Is(password))
            return (LoginEnd.Admitted, accounts.Find(user));
        var account = Find(user, certified);
        if (certified is not null)
            return Told(account is null ? LoginEnd.Wrong : LoginEnd.Admitted, account, "certificate");
        if (string.IsNullOrEmpty(user) || string.IsNullOrEmpty(password))
            return Told(LoginEnd.Wrong, account, "no name or no password");
        if (account is not null && passwords.Remembers(account, password))
            return Told(LoginEnd.Admitted, account, null);
        var end = await CheckAsync(account, user, password, address, stop);
        return Told(end, account, end == LoginEnd.TooOften ? "too many attempts" : null);
    }

    public void Dispose() => _turns.Dispose();

    // With a certificate the account is the one it names, and no other may be asked for.
    Account? Find(string? user, IReadOnlyList<string>? certified)
    {
        var named = certified?.FirstOrDefault(name => accounts.Find(name) is not null);
        var wanted = certified is null ? user : string.IsNullOrEmpty(user) || user == named ? named : null;
        if (wanted is null or InternalAccount.User)
            return null;
        if (accounts.Find(wanted) is { } account)
            return account;
        // It may have been made a moment ago.
        accounts.Refresh();
        return accounts.Find(wanted);
    }

    async Task<LoginEnd> CheckAsync(
        Account? account, string user, string password, string address, CancellationToken stop)
    {
        var name = user.Length <= NameMax ? user : user[..NameMax];
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            return LoginEnd.Busy;
        }

        try
        {
            await _turns.WaitAsync(stop);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        try
        {
            if (!limits.TryBegin(name, address))
                return LoginEnd.TooOften;
            if (!await Task.Run(() => passwords.IsRight(account, password), stop))
                return LoginEnd.Wrong;
            limits.Succeeded(name, address);
            return LoginEnd.Admitted;
        }
        finally
        {
            _turns.Release();
        }
    }

    (LoginEnd, Account?) Told(LoginEnd end, Account? account, string? detail)
    {
        journal.Write(end == LoginEnd.Admitted ? "login" : "login-failed", account, detail);
        return (end, end == LoginEnd.Admitted ? account : null);
    }
}
