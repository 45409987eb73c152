using System.Text.Json;
using System.Text.Json.Serialization;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker;

/// <summary>
/// The wearers added by command: a file of their own beside the store, because commands write it while the
/// worker holds the store. Where the configuration lists the same wearer, it wins.
/// </summary>
sealed class WearerFile(string directory)
{
    const string Format = "spasmstream-wearers-1";

    static readonly JsonSerializerOptions Options = new(Json.Options)
    {
        WriteIndented = true,
        PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
    };

    public string Path { get; } = System.IO.Path.Combine(directory, "wearers.json");

    /// <summary>
    /// All of them, none when there is no file; <see cref="SetupException"/> names a fault.
    /// </summary>
    public IReadOnlyList<WearerOptions> Read()
    {
        try
        {
            if (!File.Exists(Path))
                return [];
            var content = JsonSerializer.Deserialize<Content>(File.ReadAllText(Path), Options);
            if (content?.Format != Format || content.Wearers is null)
                throw new InvalidDataException("it is not a file of wearers that this program knows.");
            // JSON says null where nobody may: what is there is only as good as whoever wrote it.
            if (content.Wearers.FindIndex(w => w?.Moves.Contains(null!) != false) is var hole and >= 0)
                throw new InvalidDataException($"wearer number {hole + 1} is not as it was written.");
            var faults = content.Wearers.SelectMany((w, i) => WearerCheck.AllFaults(w, $"{i}")).ToList();
            if (faults.Count > 0)
                throw new InvalidDataException(faults[0]);
            if (content.Wearers.DistinctBy(w => w.Id).Count() < content.Wearers.Count)
                throw new InvalidDataException("a wearer is there twice.");
            return content.Wearers;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
            or InvalidDataException or InvalidOperationException or JsonException)
        {
            throw new SetupException($"The wearers in {Path} cannot be read: {fault.Message} "
                + "Put back a copy of the file, or move it away and add the wearers again.");
        }
    }

    /// <summary>Takes away what others may do with it.</summary>
    public void Close() => OwnerFile.Close(Path);

    /// <summary>Those of the configuration and those of the file.</summary>
    public IReadOnlyList<WearerOptions> Merge(IReadOnlyList<WearerOptions> configured) =>
        [.. configured, .. Read().Where(added => configured.All(wearer => wearer.Id != added.Id))];

    /// <summary>Changes them; the file is written when the change returns.</summary>
    public void Change(Action<List<WearerOptions>> change)
    {
        using var held = OwnerFile.Hold(Path);
        var wearers = Read().ToList();
        change(wearers);
        OwnerFile.Write(Path, JsonSerializer.Serialize(new Content(Format, wearers), Options) + "\n");
    }

    sealed record Content(string Format, List<WearerOptions>? Wearers);
}
