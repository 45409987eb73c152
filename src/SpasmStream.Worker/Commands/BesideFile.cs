using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// A file beside the store that lists something of wearers, read member by member: what others write into it
/// that we do not know is left as it is.
/// </summary>
sealed class BesideFile
{
    static readonly string[] Secrets = ["hash", "salt", "password", "secret", "token", "key", "iterations"];
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    readonly string _list;
    readonly string[] _names;

    BesideFile(string directory, string file, string list, params string[] names) =>
        (Path, _list, _names) = (System.IO.Path.Combine(directory, file), list, names);

    public string Path { get; }

    /// <summary>Accounts of the broker, each bound to a wearer.</summary>
    public static BesideFile Accounts(string directory) =>
        new(directory, "accounts.json", "accounts", "wearer", "wearers");

    /// <summary>What wearers told us about themselves.</summary>
    public static BesideFile Wearers(string directory) => new(directory, "wearers.json", "wearers", "id");

    /// <summary>Every object.</summary>
    public IReadOnlyList<JsonObject> All() => [.. Items(Read()).OfType<JsonObject>()];

    /// <summary>The objects that are about a wearer.</summary>
    public IReadOnlyList<JsonObject> Of(string wearer) =>
        [.. Items(Read()).OfType<JsonObject>().Where(item => Names(item).Contains(wearer))];

    /// <summary>The objects that are about nobody else.</summary>
    public IReadOnlyList<JsonObject> OnlyOf(string wearer) =>
        [.. Of(wearer).Where(item => Names(item).All(name => name == wearer))];

    /// <summary>Takes a wearer out; an object about several stays for the others. Returns how many.</summary>
    public int Remove(string wearer)
    {
        if (Read() is not { } root)
            return 0;
        var items = Items(root);
        var found = items.OfType<JsonObject>().Where(item => Names(item).Contains(wearer)).ToList();
        foreach (var item in found)
            if (Names(item).Any(name => name != wearer))
                TakeOut(item, wearer);
            else
                items.Remove(item);
        if (found.Count > 0)
            OwnerOnly.Replace(Path, Encoding.UTF8.GetBytes(root.ToJsonString(Indented) + "\n"));
        return found.Count;
    }

    /// <summary>A copy without anything that lets somebody in, or could be tried until it does.</summary>
    public static JsonObject WithoutSecrets(JsonObject item)
    {
        var copy = (JsonObject)item.DeepClone();
        foreach (var (name, _) in item)
            if (Secrets.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)))
                copy.Remove(name);
        return copy;
    }

    JsonObject? Read()
    {
        if (!File.Exists(Path))
            return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(Path),
                new JsonNodeOptions { PropertyNameCaseInsensitive = true }) as JsonObject;
        }
        catch (JsonException fault)
        {
            throw new SetupException($"{Path} is not JSON: {fault.Message} Repair it, or move it away.");
        }
    }

    JsonArray Items(JsonObject? root) => root?[_list] as JsonArray ?? [];

    IEnumerable<string> Names(JsonObject item) => _names.SelectMany(name => item[name] switch
    {
        JsonArray several => several.Select(Word),
        { } one => [Word(one)],
        _ => [],
    }).OfType<string>();

    void TakeOut(JsonObject item, string wearer)
    {
        foreach (var name in _names)
            if (item[name] is JsonArray several)
                foreach (var one in several.Where(one => Word(one) == wearer).ToList())
                    several.Remove(one);
            else if (Word(item[name]) == wearer)
                item.Remove(name);
    }

    static string? Word(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
