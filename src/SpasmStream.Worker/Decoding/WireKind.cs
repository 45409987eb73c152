namespace SpasmStream.Worker.Decoding;

/// <summary>What the objects of a kind become, and so what taking one back takes back.</summary>
enum Makes
{
    Samples,
    Entries,
    Status,
}

/// <summary>Reads one JSON object; its opening brace has been read.</summary>
delegate void ObjectReading(ref MemberReader reader);

/// <summary>Reads a payload that is no JSON; false leaves it to the JSON reader.</summary>
delegate bool BareReading(DecodePass pass);

/// <summary>What an input topic can carry: its last level, and how that is read.</summary>
/// <param name="Name">The last level of the topic.</param>
/// <param name="Makes">What its objects become.</param>
/// <param name="Read">Reads one object; null for a name of the format that is not read yet.</param>
/// <param name="ReadBare">Looks at the payload first, where it need not be JSON.</param>
sealed record WireKind(string Name, Makes Makes, ObjectReading? Read, BareReading? ReadBare = null)
{
    /// <summary>What a device sends. A new kind or foreign format is a line here and a reader.</summary>
    public static IReadOnlyList<WireKind> OfDevices { get; } =
    [
        new("heart-rate", Makes.Samples, HeartRateReader.Read),
        new("steps", Makes.Samples, StepsReader.Read),
        new("rr", Makes.Samples, RrReader.Read),
        new("hrv", Makes.Samples, HrvReader.Read),
        new("raw2a37", Makes.Samples, Raw2A37Reader.Read, Raw2A37Reader.ReadBare),
        new("sleep", Makes.Entries, SleepReader.Read),
        new("activity", Makes.Entries, ActivityReader.Read),
        new("status", Makes.Status, StatusReader.Read, StatusReader.ReadBare),
        new("omh", Makes.Samples, null),
    ];

    /// <summary>What is written into the diary.</summary>
    public static IReadOnlyList<WireKind> OfDiary { get; } =
    [
        new("episode", Makes.Entries, EpisodeReader.Read),
        new("trigger", Makes.Entries, DiaryReader.ReadTrigger),
        new("medication", Makes.Entries, DiaryReader.ReadMedication),
        new("state", Makes.Entries, DiaryReader.ReadState),
    ];

    /// <summary>The kind of that name on topics of that device; null when there is none.</summary>
    public static WireKind? Find(string device, string name) =>
        (device == "diary" ? OfDiary : OfDevices).FirstOrDefault(kind => kind.Name == name);
}
