using System.Net.Sockets;
using System.Text;

namespace SpasmStream.SystemTests.Support;

/// <summary>How a broker of a test differs from the recommended settings.</summary>
sealed record MosquittoSettings
{
    /// <summary>Whether it keeps sessions and messages over a restart.</summary>
    public bool Persistence { get; init; } = true;

    /// <summary>Seconds; a client that asks for more is told this.</summary>
    public int? MaxKeepAlive { get; init; }

    /// <summary>Text of an ACL file; anybody may do anything without one.</summary>
    public string? Acl { get; init; }

    /// <summary>Passwords by account; anonymous when empty.</summary>
    public IReadOnlyDictionary<string, string> Passwords { get; init; } = new Dictionary<string, string>();

    /// <summary>Further lines of the configuration.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];
}

/// <summary>A real mosquitto with its own port and folder, killed by its own process id.</summary>
sealed class MosquittoBroker : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    readonly string _program = Servers.Require("mosquitto");
    RunningProcess? _process;

    MosquittoBroker() => Port = FreePort.Next();

    public int Port { get; }

    public RunningProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public static Task<MosquittoBroker> StartAsync(MosquittoSettings? settings = null) =>
        StartAsync(broker => broker.Configure(settings ?? new()));

    /// <summary>Starts with a whole configuration, written when the port and the folder are known.</summary>
    public static async Task<MosquittoBroker> StartAsync(Func<MosquittoBroker, Task<string>> configure)
    {
        var broker = new MosquittoBroker();
        try
        {
            broker._folder.Write("mosquitto.conf", await configure(broker));
            await broker.StartAgainAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public string At(string name) => _folder.At(name);

    public string Write(string name, string text) => _folder.Write(name, text);

    /// <summary>kill -9: what was not saved is lost.</summary>
    public async Task KillAsync()
    {
        Process.Send(Signal.Kill);
        await Process.ExitAsync();
    }

    /// <summary>A clean end: sessions and messages are saved.</summary>
    public async Task StopAsync()
    {
        Process.Send(Signal.Terminate);
        await Process.ExitAsync();
    }

    /// <summary>Starts with the same port, folder and configuration, and waits until it listens.</summary>
    public async Task StartAgainAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = new(_program, ["-c", At("mosquitto.conf")], _folder.Path);
        await _process.WaitUntilAsync(ListensAsync, $"listening on {Port}");
    }

    /// <summary>Accounts and passwords, hashed as the broker wants them; the path of the file.</summary>
    public async Task<string> WritePasswordsAsync(IReadOnlyDictionary<string, string> passwords)
    {
        var lines = passwords.Select(it => $"{it.Key}:{it.Value}\n");
        var file = Write("passwords", string.Concat(lines));
        var program = Servers.Require("mosquitto_passwd");
        await using var hashing = new RunningProcess(program, ["-U", file], _folder.Path);
        Assert.Equal(0, await hashing.ExitAsync());
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    async Task<string> Configure(MosquittoSettings settings)
    {
        var text = new StringBuilder();
        text.AppendLine($"listener {Port} 127.0.0.1");
        text.AppendLine("user root");   // started by root it would become another and lose the folder
        text.AppendLine("log_dest stderr");
        text.AppendLine("max_queued_messages 100000");
        text.AppendLine("max_inflight_messages 100");
        text.AppendLine("max_packet_size 16777216");
        if (settings.Persistence)
        {
            text.AppendLine("persistence true").AppendLine($"persistence_location {_folder.Path}/");
            text.AppendLine("autosave_interval 1").AppendLine("autosave_on_changes true");
        }
        if (settings.MaxKeepAlive is { } seconds)
            text.AppendLine($"max_keepalive {seconds}");
        if (settings.Acl is { } acl)
            text.AppendLine($"acl_file {Write("acl", acl)}");
        text.AppendLine($"allow_anonymous {(settings.Passwords.Count == 0 ? "true" : "false")}");
        if (settings.Passwords.Count > 0)
            text.AppendLine($"password_file {await WritePasswordsAsync(settings.Passwords)}");
        settings.Lines.ToList().ForEach(line => text.AppendLine(line));
        return text.ToString();
    }

    async Task<bool> ListensAsync(CancellationToken stop)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", Port, stop);
            return FreePort.IsOwnedBy(Process.Id, Port);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
