using System.CommandLine;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// <c>spasmstream devices</c>: accounts for devices, each for one wearer, and gateways for several. They
/// stand in a file of their own, so it may run beside the worker, which follows within a second.
/// </summary>
static class DevicesCommand
{
    public static Command Build() => new Verb(
        "devices", "Give devices access, list them, take it away.", "spasmstream devices add anna watch --qr")
    {
        Add(),
        List(),
        Revoke(),
        Rotate(),
        Hash(),
    };

    static Verb Add()
    {
        var wearer = new Argument<string>("WEARER")
        {
            Description = "Whose it is; with --gateway several by commas, or all.",
        };
        var device = new Argument<string>("DEVICE") { Description = "Its name in topics." };
        var gateway = new Option<bool>("--gateway")
        {
            Description = "It publishes for several wearers, as any device.",
        };
        var diary = new Option<bool>("--diary")
        {
            Description = "It may also publish diary entries, as a phone does.",
        };
        var shown = new Shown();
        var command = new Verb("add", "Make an account for a device and show its settings.",
            "spasmstream devices add anna watch --qr")
        {
            wearer, device, gateway, diary,
        };
        shown.AddTo(command);
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(shown.Show(
            parsed, accounts => accounts.Add(parsed.GetValue(wearer)!, parsed.GetValue(device)!,
                parsed.GetValue(gateway), parsed.GetValue(diary))))));
        return command;
    }

    static Verb Rotate()
    {
        var user = User();
        var shown = new Shown();
        var command = new Verb("rotate", "Give an account a new password.",
            "spasmstream devices rotate anna-watch")
        { user };
        shown.AddTo(command);
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() => Task.FromResult(
            shown.Show(parsed, accounts => accounts.Rotate(parsed.GetValue(user)!)))));
        return command;
    }

    static Verb Revoke()
    {
        var (config, json, user) = (CommandLine.ConfigOption(), CommandLine.JsonOption(), User());
        var command = new Verb("revoke", "End an account and its connection.",
            "spasmstream devices revoke anna-watch")
        { user, config, json };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            var account = new DeviceAccounts(settings, TimeProvider.System).Revoke(parsed.GetValue(user)!);
            Answer.Print(parsed.GetValue(json), new { account.User, account.Revoked },
                it => Console.WriteLine($"{it.User} is revoked. A worker that runs ends its connection "
                    + "within a second."));
            return Task.FromResult(ExitCode.Clean);
        }));
        return command;
    }

    static Verb List()
    {
        var (config, json) = (CommandLine.ConfigOption(), CommandLine.JsonOption());
        var command = new Verb("list", "All accounts, and what their devices last said.",
            "spasmstream devices list")
        {
            config, json,
        };
        command.SetAction((parsed, _) => CommandLine.GuardAsync(() =>
        {
            var (settings, _) = Settings.Load(parsed.GetValue(config));
            Answer.Print(parsed.GetValue(json), new { Devices = DeviceListing.Read(settings) },
                it => Print(it.Devices));
            return Task.FromResult(ExitCode.Clean);
        }));
        return command;
    }

    static Verb Hash()
    {
        var command = new Verb("hash",
            "Read a password from the input and print its hash, for Broker:Accounts:0:PasswordHash.",
            "spasmstream devices hash");
        command.SetAction((_, token) => CommandLine.GuardAsync(async () =>
        {
            var password = await Console.In.ReadLineAsync(token);
            if (string.IsNullOrEmpty(password))
                throw new SetupException("No password came in: give it as the first line of the input.");
            Console.WriteLine(PasswordHash.Make(password));
            return ExitCode.Clean;
        }));
        return command;
    }

    static Argument<string> User() => new("USER") { Description = "The account's user name." };

    static void Print(List<DeviceLine> lines) => TextTable.Print(
        ["account", "wearer", "device", "state", "online", "battery", "worn", "charging", "last heard"],
        lines.Select(line => (string[])[line.User ?? "", line.Wearer, line.Device ?? "", line.State,
            YesNo(line.Online), $"{line.Battery}", YesNo(line.Worn), YesNo(line.Charging),
            $"{line.LastHeard}"]));

    static string YesNo(bool? value) => value switch
    {
        true => "yes",
        false => "no",
        null => "",
    };

    /// <summary>How an account's settings are shown, once.</summary>
    sealed class Shown
    {
        readonly Option<string?> _config = CommandLine.ConfigOption();
        readonly Option<bool> _json = CommandLine.JsonOption();
        readonly Option<bool> _code = new("--qr") { Description = "Draw a QR code of the settings." };
        readonly Option<string?> _png = new("--png")
        {
            Description = "Write the QR code as a picture here; it holds the password.",
        };

        readonly Option<string?> _host = new("--host")
        {
            Description = "The name by which devices reach the broker.",
        };

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_config, _json, _code, _png, _host])
                command.Options.Add(option);
        }

        public int Show(ParseResult parsed, Func<DeviceAccounts, (StoredAccount, string)> change)
        {
            var (settings, _) = Settings.Load(parsed.GetValue(_config));
            if (parsed.GetValue(_png) is { } taken && File.Exists(taken))
                return CommandLine.Misused($"{taken} is there already; name another file for the picture.");
            var (account, password) = change(new DeviceAccounts(settings, TimeProvider.System));
            var shown = DeviceSettings.Of(settings, account, password, parsed.GetValue(_host));
            Answer.Print(parsed.GetValue(_json), shown, it => it.Print(parsed.GetValue(_code)));
            if (parsed.GetValue(_png) is { } file)
                shown.WritePng(file);
            return ExitCode.Clean;
        }
    }
}
