using System.Text.Json;
using Microsoft.Extensions.Configuration;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Influx;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Notify;
using SpasmStream.Worker.Store;
using SpasmStream.Worker.Web;

namespace SpasmStream.Worker.Hosting;

/// <summary>Everything that can be set, section by section.</summary>
sealed class Settings
{
    const int LargestFile = 1 << 20;

    /// <summary>The broker to read from.</summary>
    public MqttOptions Mqtt { get; } = new();

    /// <summary>The broker we bring along when none is named.</summary>
    public BrokerOptions Broker { get; } = new();

    /// <summary>How messages are taken in.</summary>
    public IntakeOptions Intake { get; } = new();

    /// <summary>Where the file lives.</summary>
    public StoreOptions Store { get; } = new();

    /// <summary>Where time series are sent on to.</summary>
    public InfluxOptions Influx { get; } = new();

    /// <summary>Who is known here.</summary>
    public List<WearerOptions> Wearers { get; } = [];

    /// <summary>What goes out.</summary>
    public NotifyOptions Notify { get; } = new();

    /// <summary>The page.</summary>
    public WebOptions Web { get; } = new();

    /// <summary>Whether the worker brings its own broker.</summary>
    public bool UsesEmbeddedBroker => string.IsNullOrEmpty(Mqtt.Host);

    /// <summary>Whether a wearer who is not listed is taken in.</summary>
    public bool AdmitsStrangers => Intake.UnknownWearers switch
    {
        "create" => true,
        "refuse" => false,
        _ => !UsesEmbeddedBroker,
    };

    /// <summary>The wearers of the configuration, and those added by command.</summary>
    public IReadOnlyList<WearerOptions> ListedWearers() => new WearerFile(Store.Directory).Merge(Wearers);

    /// <summary>The file that lies beside the program.</summary>
    public static string OwnFile => Path.Combine(AppContext.BaseDirectory, "appsettings.json");

    /// <summary>
    /// Reads <c>appsettings.json</c> beside the program, then a named file, then the environment, later ones
    /// winning; throws <see cref="SetupException"/> with one line for everything that is wrong.
    /// </summary>
    public static (Settings Settings, IConfigurationRoot Configuration) Load(
        string? file, IEnumerable<KeyValuePair<string, string?>>? last = null)
    {
        var configuration = Read(file, last);
        var faults = SettingsCheck.Faults(configuration);
        if (faults.Count > 0)
            throw new SetupException(string.Join(Environment.NewLine, faults));
        var settings = new Settings();
        configuration.Bind(settings);
        settings.Store.ForwardTarget = settings.Influx.TargetInUse();
        return (settings, configuration);
    }

    /// <summary>
    /// What is said there, right or wrong; <see cref="SetupException"/> when a file cannot be read.
    /// </summary>
    public static IConfigurationRoot Read(
        string? file, IEnumerable<KeyValuePair<string, string?>>? last = null)
    {
        RefuseUnreadable(OwnFile, mustExist: false);
        if (file is not null)
            RefuseUnreadable(file, mustExist: true);
        try
        {
            var builder = new ConfigurationBuilder().AddJsonFile(OwnFile, optional: true);
            if (file is not null)
                builder.AddJsonFile(Path.GetFullPath(file), optional: true);
            return builder
                .AddEnvironmentVariables("SPASMSTREAM_")
                .AddInMemoryCollection(last ?? [])
                .Build();
        }
        catch (Exception fault) when (fault is InvalidDataException or FormatException)
        {
            throw new SetupException(
                $"The configuration cannot be read: {fault.Message} {Where(fault.GetBaseException())}");
        }
    }

    // What the reader says of bad JSON quotes it, and a password may stand there.
    static string Where(Exception fault) => fault is JsonException { LineNumber: { } line } json
        ? $"It is no JSON at line {line + 1}, byte {json.BytePositionInLine + 1}." : fault.Message;

    // A configuration is a page or two; what is larger is another file, named by mistake.
    static void RefuseUnreadable(string file, bool mustExist)
    {
        try
        {
            using var stream = File.OpenRead(file);
            if (stream.Length > LargestFile)
                throw new SetupException($"The configuration file {file} is larger than 1 MiB.");
            for (int next; (next = stream.ReadByte()) >= 0;)
                if (next == 0)
                    throw new SetupException($"The configuration file {file} is not text: it holds a NUL.");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            if (mustExist)
                throw new SetupException($"The configuration file {file} does not exist.");
        }
        catch (Exception fault)
            when (fault is IOException or UnauthorizedAccessException or ArgumentException
                or NotSupportedException)
        {
            throw new SetupException($"The configuration file {file} cannot be read: {fault.Message}");
        }
    }
}
