using System.CommandLine;
using NodaTime;
using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Commands;

/// <summary>The options that say where the broker is, the same for every command that publishes.</summary>
sealed class BrokerOptions
{
    readonly Option<string> _host = new("--host")
    {
        Description = "Broker's name or address.", DefaultValueFactory = _ => "127.0.0.1",
    };

    readonly Option<int> _port = new("--port")
    {
        Description = "Broker's port.", DefaultValueFactory = _ => 1883,
    };

    readonly Option<string?> _user = new("--user")
    {
        Description = $"Account at the broker; its password is read from {BrokerAddress.PasswordVariable}.",
    };

    readonly Option<int> _patience = new("--patience")
    {
        Description = "Seconds without any acknowledgement after which to give up.",
        DefaultValueFactory = _ => 30,
    };

    public void AddTo(Command command)
    {
        command.Add(_host);
        command.Add(_port);
        command.Add(_user);
        command.Add(_patience);
    }

    public BrokerAddress Read(ParseResult parsed)
    {
        var user = parsed.GetValue(_user);
        var password = Environment.GetEnvironmentVariable(BrokerAddress.PasswordVariable);
        if (user is not null && string.IsNullOrEmpty(password))
            throw new BadArgumentsException(
                $"--user {user} needs a password: put it into the environment as "
                + $"{BrokerAddress.PasswordVariable}.");
        var (port, patience) = (parsed.GetValue(_port), parsed.GetValue(_patience));
        if (port is < 1 or > 65_535)
            throw new BadArgumentsException($"--port {port} is not a port.");
        if (patience < 1)
            throw new BadArgumentsException($"--patience {patience} is too short: it takes a second.");
        return new(parsed.GetValue(_host)!, port, user, password, TimeSpan.FromSeconds(patience));
    }

    public static DateTimeZone Zone(string name) =>
        DateTimeZoneProviders.Tzdb.GetZoneOrNull(name)
        ?? throw new BadArgumentsException($"--zone {name} is not an IANA time zone such as Europe/Berlin.");
}
