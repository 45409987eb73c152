using System.Text;
using System.Text.Json;
using Dapper;
using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What a backup tells about itself.</summary>
/// <param name="Program">The version of this program.</param>
/// <param name="Schema">The schema of the store.</param>
/// <param name="Taken">When.</param>
/// <param name="Files">What it consists of.</param>
sealed record BackupManifest(string Program, int Schema, Instant Taken, IReadOnlyList<ManifestFile> Files);

/// <summary>A folder with a copy of the store, of what lies beside it, and of their hashes.</summary>
sealed class Backup(string folder)
{
    public const string Database = "spasmstream.db";
    const string ManifestName = "manifest.json";

    /// <summary>What lies beside the store and belongs to it.</summary>
    public static readonly IReadOnlyList<string> Beside =
        ["accounts.json", "wearers.json", "broker-password", "security-events.ndjson"];

    /// <summary>Null when this is no backup of ours.</summary>
    public BackupManifest? Manifest()
    {
        var path = Path.Combine(folder, ManifestName);
        try
        {
            return File.Exists(path) ? Answer.Read<BackupManifest>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// Writes it into the folder, which is empty; throws <see cref="InvalidDataException"/> when the copy is
    /// not sound.
    /// </summary>
    public BackupManifest Write(StoreFile store, Instant at)
    {
        var copy = StoreFile.WithoutPayloads(folder);
        store.CopyInto(copy.Path);
        if (copy.Faults(quick: false) is [var fault, ..])
            throw new InvalidDataException($"The copy is not sound ({fault}); the store may be damaged too.");
        var directory = Path.GetDirectoryName(Path.GetFullPath(store.Path))!;
        foreach (var name in Beside)
            if (File.Exists(Path.Combine(directory, name)))
                OwnerOnly.Copy(Path.Combine(directory, name), Path.Combine(folder, name));
        using var reader = copy.OpenReader();
        var manifest = new BackupManifest(WearerExport.Version,
            reader.ExecuteScalar<int>("PRAGMA user_version"), at,
            [.. Beside.Prepend(Database).Select(name => Path.Combine(folder, name)).Where(File.Exists)
                .Select(path => new ManifestFile(Path.GetFileName(path), null, new FileInfo(path).Length,
                    HashedFile.HashOf(path)))]);
        OwnerOnly.Replace(Path.Combine(folder, ManifestName), Encoding.UTF8.GetBytes(Answer.Text(manifest)));
        return manifest;
    }

    /// <summary>What keeps us from trusting it; none when it is as it was written.</summary>
    public IReadOnlyList<string> Faults(BackupManifest manifest)
    {
        var faults = new List<string>();
        if (!manifest.Files.Any(file => file.Name == Database))
            faults.Add($"{Database} is not in it.");
        foreach (var file in manifest.Files)
            // A name of ours and no path: what is restored goes nowhere else.
            if (!Beside.Contains(file.Name) && file.Name != Database)
                faults.Add($"its manifest names a file that is none of ours, {file.Name}.");
            else if (!File.Exists(Path.Combine(folder, file.Name)))
                faults.Add($"{file.Name} is missing.");
            else if (HashedFile.HashOf(Path.Combine(folder, file.Name)) != file.Sha256)
                faults.Add($"{file.Name} is not what was written.");
        return faults;
    }
}
