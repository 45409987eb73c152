using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SpasmStream.Tests.Hosting;
using SpasmStream.Worker;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Broker;

/// <summary>The account that is there when none is named.</summary>
public sealed class GatewayAccountTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Fact]
    public void Without_accounts_one_is_made_whose_password_only_its_owner_can_read()
    {
        var accounts = Open(new BrokerOptions());

        var file = _folder.At("broker-password");
        var password = File.ReadAllText(file).Trim();
        Assert.Equal(file, accounts.PasswordFile);
        Assert.True(password.Length >= 32);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(["broker-password"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
        var gateway = accounts.Find("gateway")!;
        Assert.Equal(password, gateway.Password);
        Assert.Equal(Ruling.Granted, gateway.Rights.Publish("spasmstream/v1/in/anna/phone/heart-rate"));
        Assert.Equal(Ruling.Denied, gateway.Rights.Publish("spasmstream/v1/out/anna/risk"));
    }

    [Fact]
    public void The_next_start_reads_the_same_password()
    {
        Open(new BrokerOptions());
        var password = File.ReadAllText(_folder.At("broker-password")).Trim();

        Assert.Equal(password, Open(new BrokerOptions()).Find("gateway")!.Password);
    }

    [Fact]
    public void Two_folders_have_two_passwords()
    {
        using var other = new TempFolder();

        Assert.NotEqual(GatewayAccount.Open(_folder.Path).Password, GatewayAccount.Open(other.Path).Password);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public void An_empty_password_is_no_password(string left)
    {
        _folder.Write("broker-password", left);

        Assert.True(GatewayAccount.Open(_folder.Path).Password!.Length >= 32);
    }

    [Fact]
    public void A_file_others_could_read_is_closed_to_them()
    {
        if (OperatingSystem.IsWindows())
            return;
        var file = _folder.Write("broker-password", "a-password-of-my-own\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        Assert.Equal("a-password-of-my-own", GatewayAccount.Open(_folder.Path).Password);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void With_an_account_of_ones_own_no_other_is_made()
    {
        var options = new BrokerOptions();
        options.Accounts.Add(new BrokerAccount { User = "anna", Password = "secret", Wearers = { "anna" } });

        var accounts = Open(options);

        Assert.Null(accounts.PasswordFile);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Equal("secret", accounts.Find("anna")?.Password);
        Assert.Null(accounts.Find("gateway"));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_said_in_a_sentence() =>
        Assert.Contains("Store:Directory", Assert.Throws<SetupException>(
            () => GatewayAccount.Open(_folder.At("not-there"))).Message);

    public void Dispose() => _folder.Dispose();

    Accounts Open(BrokerOptions options) =>
        new(Options.Create(options), new StoreOptions { Directory = _folder.Path }, TimeProvider.System,
            NullLogger<Accounts>.Instance);
}
