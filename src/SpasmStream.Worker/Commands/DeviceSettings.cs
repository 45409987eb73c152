using System.Net;
using QRCoder;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What somebody types into a device, or scans, so that it can connect; shown once.</summary>
sealed record DeviceSettings
{
    static readonly string[] DeviceKinds =
        ["heart-rate", "rr", "hrv", "steps", "sleep", "activity", "raw2a37", "status"];
    static readonly string[] DiaryKinds = ["episode", "trigger", "medication", "state"];

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required bool Tls { get; init; }

    public required string User { get; init; }

    public required string Password { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Topics to publish to, by kind; what stands in angle brackets is to be filled in.</summary>
    public required IReadOnlyList<string> Publish { get; init; }

    /// <summary>What it may subscribe to.</summary>
    public required IReadOnlyList<string> Subscribe { get; init; }

    /// <summary>The same as one line, which is what the QR code holds.</summary>
    public string Url => $"mqtt{(Tls ? "s" : "")}://{User}:{Password}@{Host}:{Port}?client_id={ClientId}";

    /// <summary>What mosquitto must be told; null with the embedded broker.</summary>
    public IReadOnlyList<string>? Mosquitto { get; init; }

    public static DeviceSettings Of(Settings settings, StoredAccount account, string password, string? host)
    {
        var broker = settings.Broker;
        var embedded = settings.UsesEmbeddedBroker;
        var hasTls = embedded ? broker.Certificate is not null : settings.Mqtt.Tls;
        return new DeviceSettings
        {
            Host = host ?? (embedded ? Name(hasTls ? IPAddress.Parse(broker.Listen)
                : BrokerEndpoints.PlainAddress(broker)) : settings.Mqtt.Host!),
            Port = !embedded ? settings.Mqtt.Port : hasTls ? broker.TlsPort : broker.Port,
            Tls = hasTls,
            User = account.User,
            Password = password,
            ClientId = account.User,
            Publish = PublishTopics(account),
            Subscribe = [.. Wearers(account, "<wearer>").Select(w => $"spasmstream/v1/out/{w}/#"),
                "spasmstream/v1/out/worker/status"],
            Mosquitto = embedded ? null : MosquittoLines(account),
        };
    }

    public void Print(bool withCode)
    {
        foreach (var (name, value) in ((string, object)[])[("host", Host), ("port", Port),
            ("TLS", Tls ? "yes" : "no"), ("user", User), ("password", Password), ("client id", ClientId)])
            Console.WriteLine($"{name,-10} {value}");
        foreach (var topic in Publish)
            Console.WriteLine($"{"publish",-10} {topic}");
        foreach (var filter in Subscribe)
            Console.WriteLine($"{"subscribe",-10} {filter}");
        Console.WriteLine($"{"all in one",-10} {Url}");
        Console.WriteLine("The password is shown this once; 'devices rotate' makes another.");
        if (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address))
            Console.WriteLine("Only programs on this machine reach this host; set Broker:Listen for others.");
        if (withCode)
            Console.WriteLine(new AsciiQRCode(Code()).GetGraphicSmall());
        if (Mosquitto is null)
            return;
        Console.WriteLine();
        Console.WriteLine("The broker is another program, so nothing was stored here. Tell mosquitto:");
        foreach (var line in Mosquitto)
            Console.WriteLine("  " + line);
    }

    /// <summary>The code as a picture, for its owner only: it holds the password.</summary>
    public void WritePng(string path) => OwnerFile.Write(path, new PngByteQRCode(Code()).GetGraphic(8));

    QRCodeData Code() => QRCodeGenerator.GenerateQrCode(Url, QRCodeGenerator.ECCLevel.M);

    static string Name(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName()
        : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]"
        : address.ToString();

    static IEnumerable<string> Wearers(StoredAccount account, string any) =>
        account.All ? [any] : account.Wearers;

    static List<string> PublishTopics(StoredAccount account)
    {
        var topics = new List<string>();
        foreach (var wearer in Wearers(account, "<wearer>"))
        {
            var start = $"spasmstream/v1/in/{wearer}/";
            topics.AddRange(DeviceKinds.Select(kind => $"{start}{account.Device ?? "<device>"}/{kind}"));
            if (account.Diary || account.Device is null)
                topics.AddRange(DiaryKinds.Select(kind => $"{start}diary/{kind}"));
        }

        return topics;
    }

    static List<string> MosquittoLines(StoredAccount account) =>
    [
        $"mosquitto_passwd /etc/mosquitto/spasmstream.passwords {account.User}     (asks for the password)",
        "and into /etc/mosquitto/spasmstream.acl:",
        $"user {account.User}",
        .. Wearers(account, "+").Select(
            w => $"topic write spasmstream/v1/in/{w}/{account.Device ?? "+"}/+"),
        .. account.Diary ? account.Wearers.Select(w => $"topic write spasmstream/v1/in/{w}/diary/+") : [],
        .. Wearers(account, "+").Select(w => $"topic read spasmstream/v1/out/{w}/#"),
        "topic read spasmstream/v1/out/worker/status",
    ];
}
