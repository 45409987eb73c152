using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Hosting;
using SpasmStream.Worker;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Broker;

/// <summary>Who comes in, and what guessing gets.</summary>
public sealed class LoginTests : IDisposable
{
    static readonly TimeSpan _fiveMinutes = TimeSpan.FromMinutes(5);

    readonly TempFolder _folder = new();
    readonly FakeTimeProvider _time = new();
    readonly PasswordCheck _passwords;
    readonly Login _login;
    readonly InternalAccount _own = new();

    public LoginTests()
    {
        var options = new BrokerOptions();
        options.Accounts.Add(new() { User = "ada", Password = "right", Wearers = { "ada" } });
        options.Accounts.Add(new()
        {
            User = "bob", PasswordHash = PasswordHash.Make("secret").ToString(), Wearers = { "bob" },
        });
        _passwords = new PasswordCheck(_time);
        _login = new Login(
            new Accounts(Options.Create(options), new StoreOptions { Directory = _folder.Path }, _time,
                NullLogger<Accounts>.Instance),
            _passwords, new LoginLimits(_time),
            new SecurityJournal(new SecurityLog(_folder.Path), _time, NullLogger<SecurityJournal>.Instance),
            _own);
    }

    [Theory]
    [InlineData("ada", "wrong")]
    [InlineData("bob", "wrong")]
    [InlineData("nobody", "wrong")]
    [InlineData("worker", "wrong")]
    public async Task S08_A_wrong_password_costs_one_derivation_whoever_is_named(string user, string password)
    {
        Assert.Equal(LoginEnd.Wrong, await AskAsync(user, password));

        Assert.Equal(1, _passwords.Derivations);
    }

    [Theory]
    [InlineData("ada", "right")]
    [InlineData("bob", "secret")]
    public async Task S08_A_right_password_is_remembered_for_five_minutes_and_no_other_with_it(
        string user, string password)
    {
        Assert.Equal(LoginEnd.Admitted, await AskAsync(user, password));
        _time.Advance(_fiveMinutes - TimeSpan.FromSeconds(1));
        Assert.Equal(LoginEnd.Admitted, await AskAsync(user, password));
        Assert.Equal(1, _passwords.Derivations);
        Assert.Equal(LoginEnd.Wrong, await AskAsync(user, password + "x"));
        Assert.Equal(2, _passwords.Derivations);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LoginEnd.Admitted, await AskAsync(user, password));
        Assert.Equal(3, _passwords.Derivations);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("ada", null)]
    [InlineData("ada", "")]
    [InlineData("", "right")]
    public async Task S05_Nobody_comes_in_without_a_name_and_a_password(string? user, string? password)
    {
        Assert.Equal(LoginEnd.Wrong, await AskAsync(user, password));
        Assert.Equal(0, _passwords.Derivations);
    }

    [Fact]
    public async Task S09_Of_a_thousand_guesses_at_an_account_five_are_looked_at()
    {
        for (var i = 0; i < 1_000; i++)
            await AskAsync("bob", $"guess{i}", $"10.0.0.{i % 250}");

        Assert.Equal(5, _passwords.Derivations);
        Assert.Equal(LoginEnd.TooOften, await AskAsync("bob", "secret", "10.1.1.1"));
    }

    [Fact]
    public async Task S09_Of_a_thousand_guesses_from_an_address_twenty_are_looked_at()
    {
        await Task.WhenAll(Enumerable.Range(0, 1_000).Select(i => AskAsync($"user{i}", "guess")));

        Assert.InRange(_passwords.Derivations, 20, 25);
    }

    [Fact]
    public async Task S09_A_device_that_was_right_a_moment_ago_is_not_harmed_by_guesses()
    {
        await AskAsync("bob", "secret");
        for (var i = 0; i < 30; i++)
            await AskAsync("bob", $"guess{i}");

        Assert.Equal(LoginEnd.Admitted, await AskAsync("bob", "secret"));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(LoginEnd.Admitted, await AskAsync("bob", "secret"));
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("10.0.0.2")]
    public async Task S09_Whoever_knows_the_password_comes_in_thirty_seconds_after_a_flood_of_guesses(
        string address)
    {
        for (var i = 0; i < 30; i++)
            await AskAsync("bob", $"guess{i}");
        Assert.Equal(LoginEnd.TooOften, await AskAsync("bob", "secret", address));

        // The guesses go on meanwhile, and take nobody's turn.
        for (var i = 0; i < 29; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await AskAsync("bob", $"more{i}", "10.0.0.3");
        }

        Assert.Equal(LoginEnd.TooOften, await AskAsync("bob", "secret", address));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(LoginEnd.Admitted, await AskAsync("bob", "secret", address));
    }

    [Fact]
    public async Task S09_Guesses_that_go_on_are_looked_at_once_in_thirty_seconds_whoever_is_named()
    {
        for (var second = 0; second < 300; second++)
        {
            for (var i = 0; i < 10; i++)
                await AskAsync($"user{second}-{i}", "guess");
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_passwords.Derivations, 20, 20 + 10);
    }

    [Fact]
    public async Task S09_One_device_with_an_old_password_locks_out_only_itself()
    {
        for (var i = 0; i < 100; i++)
            await AskAsync("bob", "old");

        Assert.Equal(LoginEnd.Admitted, await AskAsync("ada", "right"));
    }

    [Fact]
    public void S09_What_is_remembered_of_failures_is_bounded_and_the_newest_stay()
    {
        var limits = new LoginLimits(_time);
        for (var i = 0; i < 20_000; i++)
        {
            limits.TryBegin($"user{i}", $"address{i}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(limits.Keys, 1, 4_096);
        for (var i = 0; i < 4; i++)
            Assert.True(limits.TryBegin("user19999", "elsewhere"));
        Assert.False(limits.TryBegin("user19999", "elsewhere"));
    }

    [Fact]
    public async Task S15_Logins_leave_events_without_names_of_strangers_and_a_flood_leaves_few()
    {
        await AskAsync("ada", "right");
        for (var i = 0; i < 15; i++)
            await AskAsync($"<script>{i}\n", "guess", $"10.0.0.{i}");
        _time.Advance(TimeSpan.FromHours(1));
        await AskAsync("stranger", "guess");

        var events = new SecurityLog(_folder.Path).Read().ToList();
        Assert.Equal(("ada", "login"), (events[0].Actor, events[0].Action));
        Assert.All(events.Skip(1), it => Assert.Equal(("unknown", "login-failed"), (it.Actor, it.Action)));
        Assert.Equal(12, events.Count);
        Assert.Equal("(5 more were not written)", events[^1].Detail);
        Assert.DoesNotContain("script", File.ReadAllText(new SecurityLog(_folder.Path).Path),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task S06_A_certificate_names_the_account_and_no_other_may_be_asked_for()
    {
        Assert.Equal("bob", (await CertifiedAsync(null, null, "bob")).Account?.User);
        Assert.Equal("bob", (await CertifiedAsync("bob", "", "x", "bob")).Account?.User);
        Assert.Null((await CertifiedAsync("ada", "right", "bob")).Account);
        Assert.Null((await CertifiedAsync(null, null, "worker")).Account);
        Assert.Null((await CertifiedAsync(null, null, "carol")).Account);
        Assert.Equal(0, _passwords.Derivations);
    }

    [Fact]
    public async Task The_worker_itself_comes_in_with_the_password_it_was_born_with() =>
        Assert.Equal(LoginEnd.Admitted, await AskAsync("worker", _own.Password));

    public void Dispose()
    {
        _login.Dispose();
        _folder.Dispose();
    }

    Task<(LoginEnd End, Account? Account)> CertifiedAsync(
        string? user, string? password, params string[] names) =>
        _login.AskAsync(user, password, "", names, TestContext.Current.CancellationToken);

    async Task<LoginEnd> AskAsync(string? user, string? password, string address = "10.0.0.1") =>
        (await _login.AskAsync(
            user, password, address, null, TestContext.Current.CancellationToken)).End;
}
