using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SpasmStream.Tests.Hosting;
using SpasmStream.Worker;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Broker;

/// <summary>The accounts of the configuration and those of the file that commands change.</summary>
public sealed class AccountsTests : IDisposable
{
    static readonly string _hash = PasswordHash.OfNobody().ToString();

    readonly TempFolder _folder = new();
    readonly FakeTimeProvider _time = new();
    readonly AccountFile _file;

    public AccountsTests() => _file = new AccountFile(_folder.Path);

    [Fact]
    public void S03_An_account_made_or_revoked_in_the_file_is_so_at_the_next_look()
    {
        var accounts = Open();
        Assert.Null(accounts.Find("ada-watch"));

        Put(Stored("ada-watch"));
        accounts.Refresh();
        Assert.Equal(Ruling.Granted,
            accounts.Find("ada-watch")!.Rights.Publish("spasmstream/v1/in/ada/watch/steps"));
        Assert.Empty(accounts.TakeChanged());

        Put(Stored("ada-watch") with { Revoked = Instant.FromUnixTimeSeconds(9) });
        accounts.Refresh();
        Assert.Null(accounts.Find("ada-watch"));
        Assert.Equal(["ada-watch"], accounts.TakeChanged());
        Assert.Empty(accounts.TakeChanged());
    }

    [Fact]
    public void S03_Whoever_gets_another_password_or_other_rights_is_told_and_nobody_else()
    {
        Put(Stored("a-watch"), Stored("b-watch"), Stored("c-watch"));
        var accounts = Open();

        Put(Stored("a-watch") with { PasswordHash = PasswordHash.OfNobody().ToString() }, Stored("b-watch"),
            Stored("c-watch") with { Diary = true });
        accounts.Refresh();

        Assert.Equal(["a-watch", "c-watch"], accounts.TakeChanged().Order());
    }

    [Theory]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\",\"Accou")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"Format\":\"other\",\"Accounts\":[]}")]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\"}")]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\",\"Accounts\":null}")]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\",\"Accounts\":[null]}")]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\",\"Accounts\":[{\"User\":null,"
        + "\"PasswordHash\":null,\"Created\":\"2026-01-01T00:00:00Z\"}]}")]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\",\"Accounts\":[{\"User\":\"a\",\"Wearers\":null,"
        + "\"PasswordHash\":\"x\",\"Created\":\"2026-01-01T00:00:00Z\"}]}")]
    [InlineData("{\"Format\":\"spasmstream-accounts-1\",\"Accounts\":[{\"User\":\"+\",\"PasswordHash\":\"x\","
        + "\"Created\":\"2026-01-01T00:00:00Z\"}]}")]
    public void S22_A_torn_or_foreign_file_changes_nothing_and_is_told(string content)
    {
        Put(Stored("ada-watch"));
        var accounts = Open();

        File.WriteAllText(_file.Path, content);
        accounts.Refresh();
        Assert.NotNull(accounts.Find("ada-watch"));
        Assert.False(accounts.IsIntact);
        Assert.Empty(accounts.TakeChanged());
        Assert.Contains("accounts.json", Assert.Throws<SetupException>(() => Open()).Message,
            StringComparison.Ordinal);

        File.Delete(_file.Path);
        Put(Stored("bob-watch"));
        accounts.Refresh();
        Assert.True(accounts.IsIntact);
        Assert.Null(accounts.Find("ada-watch"));
        Assert.NotNull(accounts.Find("bob-watch"));
    }

    [Fact]
    public void The_configuration_wins_over_the_file()
    {
        Put(Stored("ada") with { Wearers = ["bob"] });
        var options = new BrokerOptions();
        options.Accounts.Add(new() { User = "ada", Password = "p", Wearers = { "ada" } });

        var account = Open(options).Find("ada");

        Assert.Equal(Ruling.Denied, account!.Rights.Publish("spasmstream/v1/in/bob/watch/steps"));
        Assert.Equal("p", account.Password);
    }

    [Fact]
    public void S01_Nobody_can_be_the_worker() =>
        Assert.Throws<SetupException>(() =>
        {
            Put(Stored("worker"));
            return _file.Read();
        });

    [Fact]
    public void S29_The_file_is_for_its_owner_only_and_becomes_so()
    {
        if (OperatingSystem.IsWindows())
            return;
        Put(Stored("ada-watch"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.Path));

        File.SetUnixFileMode(_file.Path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        _file.Read();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.OtherRead, File.GetUnixFileMode(_file.Path));
        Open();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.Path));
    }

    [Fact]
    public async Task A_command_waits_for_another_that_is_about_to_end()
    {
        var other = OwnerFile.Hold(_file.Path);
        var waits = new TaskCompletionSource();
        var change = Task.Run(() =>
        {
            waits.SetResult();
            Put(Stored("ada-watch"));
        }, TestContext.Current.CancellationToken);
        await waits.Task;
        await other.DisposeAsync();

        await change;
        Assert.Single(_file.Read());
    }

    [Fact]
    public void Two_commands_do_not_change_the_file_at_once()
    {
        using var other = OwnerFile.Hold(_file.Path);

        Assert.Throws<SetupException>(() => Put(Stored("ada-watch")));
    }

    [Theory]
    [InlineData("pbkdf2-sha256$1000$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha256$600000$AAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("pbkdf2-sha256$600000$AAAAAAAAAAAAAAAAAAAAAA==$AAAA")]
    [InlineData("sha256$600000$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("clear password")]
    [InlineData("")]
    [InlineData(null)]
    public void S08_A_hash_that_is_too_weak_is_no_hash(string? text) => Assert.Null(PasswordHash.Parse(text));

    [Fact]
    public void S08_A_hash_is_salted_slow_and_written_back_as_it_was_read()
    {
        var (one, other) = (PasswordHash.Make("secret"), PasswordHash.Make("secret"));

        Assert.NotEqual(one.ToString(), other.ToString());
        Assert.StartsWith("pbkdf2-sha256$600000$", one.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", one.ToString(), StringComparison.Ordinal);
        var read = PasswordHash.Parse(one.ToString())!;
        Assert.Equal(one.ToString(), read.ToString());
        Assert.True(read.Fits("secret"));
        Assert.False(read.Fits("Secret"));
    }

    [Fact]
    public void Who_is_connected_is_forgotten_when_that_connection_ends()
    {
        var (first, second) = (new System.Net.IPEndPoint(1, 1), new System.Net.IPEndPoint(1, 2));
        var connections = new Connections();
        connections.Add("ada", "ada", first);
        connections.Add("ada", "ada", second);

        connections.Remove("ada", first);
        Assert.Equal("ada", connections.UserOf("ada"));
        connections.Remove("ada", new System.Net.IPEndPoint(1, 2));
        Assert.Null(connections.UserOf("ada"));
        Assert.Equal(0, connections.Count);
    }

    public void Dispose() => _folder.Dispose();

    static StoredAccount Stored(string user) => new()
    {
        User = user, Wearers = ["ada"], Device = "watch", PasswordHash = _hash, Created = Instant.MinValue,
    };

    void Put(params StoredAccount[] accounts) => _file.Change(all =>
    {
        all.Clear();
        all.AddRange(accounts);
        return 0;
    });

    Accounts Open(BrokerOptions? options = null) => new(Options.Create(options ?? new BrokerOptions()),
        new StoreOptions { Directory = _folder.Path }, _time, NullLogger<Accounts>.Instance);
}
