using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What an export tells about itself.</summary>
/// <param name="Program">The version of this program.</param>
/// <param name="Schema">The schema of the store.</param>
/// <param name="Wearer">Whose it is.</param>
/// <param name="Pseudonym">What they go by in logs and in other stores.</param>
/// <param name="Exported">When.</param>
/// <param name="Files">What it consists of.</param>
sealed record ExportManifest(string Program, int Schema, string Wearer, string Pseudonym, Instant Exported,
    IReadOnlyList<ManifestFile> Files);

/// <summary>Everything that is kept of one wearer, into one folder, as of one instant.</summary>
sealed class WearerExport(Settings settings, StoreFile file, TimeProvider time)
{
    public static string Version { get; } = typeof(WearerExport).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? "";

    public async Task<ExportManifest> WriteAsync(WearerId wearer, string folder, ExportFormat format)
    {
        using var reader = file.OpenReader();
        // One snapshot for all files, however long it takes and whatever the worker commits meanwhile.
        reader.Execute("BEGIN DEFERRED");
        var (number, pseudonym) = reader.QuerySingle<(long, string)>(
            "SELECT id, pseudonym FROM wearer WHERE name=@name", new { name = wearer.ToString() });
        var whose = new ExportedWearer(wearer.ToString(), number, pseudonym);
        var target = new ExportFolder(folder, format);
        var total = ExportedTable.All.Sum(table => table.Count(reader, whose));
        await ProgressBar.RunAsync("exporting", total, done =>
        {
            foreach (var table in ExportedTable.All)
                target.Write(table.Name, [.. table.Columns.Select(column => column.Name)],
                    table.Rows(reader, whose), done);
            target.WriteMessages(ExportedMessages.Of(reader, [wearer]));
            WriteWhatLiesBeside(target, whose);
            return Task.FromResult(true);
        });
        var manifest = new ExportManifest(Version, reader.ExecuteScalar<int>("PRAGMA user_version"),
            wearer.ToString(), pseudonym, Instant.FromDateTimeOffset(time.GetUtcNow()), target.Files);
        OwnerOnly.Replace(
            Path.Combine(folder, "manifest.json"), Encoding.UTF8.GetBytes(Answer.Text(manifest)));
        return manifest;
    }

    void WriteWhatLiesBeside(ExportFolder target, ExportedWearer wearer)
    {
        var directory = settings.Store.Directory;
        var events = new SecurityLog(directory).Read().Where(it => it.Wearer == wearer.Pseudonym);
        target.Write("security-events", ["at", "actor", "action", "wearer", "detail"],
            events.Select(it => new object?[]
                { it.At.ToString(), it.Actor, it.Action, it.Wearer, it.Detail }),
            static _ => { });
        var profiles = settings.Wearers.Where(it => it.Id == wearer.Name)
            .Select(it => ("configuration", JsonSerializer.SerializeToElement(it, Json.Options)))
            .Concat(BesideFile.Wearers(directory).Of(wearer.Name)
                .Select(it => ("wearers.json", Element(it))));
        target.Write("profile", ["source", "profile"],
            profiles.Select(it => new object?[] { it.Item1, it.Item2 }), static _ => { });
        var configured = settings.Broker.Accounts.Where(it => it.Wearers.Contains(wearer.Name))
            .Select(it => ("configuration",
                JsonSerializer.SerializeToElement(new { it.User, it.Wearers, it.Gateway }, Json.Options)));
        var bound = BesideFile.Accounts(directory).Of(wearer.Name)
            .Select(it => ("accounts.json", Element(BesideFile.WithoutSecrets(it))));
        target.Write("accounts", ["source", "account"],
            configured.Concat(bound).Select(it => new object?[] { it.Item1, it.Item2 }), static _ => { });
    }

    static JsonElement Element(JsonNode node) => JsonSerializer.SerializeToElement(node);
}
