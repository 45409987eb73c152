using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Accounts of a backup, with what has become of them since: a password that was revoked or replaced does
/// not come back. Which of two passwords is the newer, neither file tells: the one that was in use wins.
/// </summary>
static class AccountMerge
{
    static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// How many accounts stay as they were before; null when what was there cannot be read.
    /// </summary>
    /// <param name="restored">The accounts of the backup; there need be none.</param>
    /// <param name="aside">What was moved aside.</param>
    public static int? Run(string restored, string aside)
    {
        if (Parse(aside) is not { } before || before["accounts"] is not JsonArray old)
            return null;
        var isThere = File.Exists(restored);
        if ((isThere ? Parse(restored) : Empty(before)) is not { } now
            || now["accounts"] is not JsonArray accounts)
            return null;
        var kept = old.OfType<JsonObject>().Count(account => Keep(accounts, account));
        if (kept > 0)
            OwnerOnly.Replace(restored, Encoding.UTF8.GetBytes(now.ToJsonString(Indented) + "\n"));
        return kept;
    }

    static bool Keep(JsonArray accounts, JsonObject old)
    {
        var copy = accounts.OfType<JsonObject>().FirstOrDefault(it => Text(it, "user") == Text(old, "user"));
        var isRevoked = Text(old, "revoked") is not null;
        if (copy is null && isRevoked)
        {
            // Its name is never given again.
            accounts.Add(old.DeepClone());
            return true;
        }

        if (copy is null || Text(copy, "revoked") is not null
            || (!isRevoked && Text(copy, "passwordHash") == Text(old, "passwordHash")))
            return false;
        foreach (var name in (string[])["revoked", "passwordHash"])
            // Spelt as it was: whoever reads the accounts minds the case.
            foreach (var (key, value) in old.Where(it =>
                it.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList())
                copy[key] = value?.DeepClone();
        return true;
    }

    static JsonObject Empty(JsonObject like)
    {
        var copy = (JsonObject)like.DeepClone();
        copy["accounts"]!.AsArray().Clear();
        return copy;
    }

    static string? Text(JsonObject account, string name) => account[name]?.ToString();

    static JsonObject? Parse(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path), AnyCase) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
