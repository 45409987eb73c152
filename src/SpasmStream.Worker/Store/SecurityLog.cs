using System.Text;
using System.Text.Json;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>Something that was done to accounts, data or settings, or was refused.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Who: a user of the broker, <c>operator</c> for a verb, <c>worker</c>.</param>
/// <param name="Action">
/// What: <c>login</c>, <c>login-failed</c>, <c>denied</c>, <c>export</c>, <c>erase</c> ...
/// </param>
/// <param name="Wearer">The wearer's pseudonym; null when none is meant.</param>
/// <param name="Detail">A word or two, never a value, name or secret.</param>
sealed record SecurityEvent(Instant At, string Actor, string Action, string? Wearer, string? Detail);

/// <summary>
/// The record of security events: one JSON object a line, beside the store and not in it, because verbs write
/// it while the worker holds the store. Whoever writes holds a lock beside it: the end of a file, as this
/// runtime finds it, may be another process's beginning.
/// </summary>
sealed class SecurityLog(string directory)
{
    static readonly Duration Kept = Duration.FromDays(180);
    readonly Lock _gate = new();
    readonly string _lock = System.IO.Path.Combine(directory, "security-events.lock");

    public string Path { get; } = System.IO.Path.Combine(directory, "security-events.ndjson");

    public void Append(SecurityEvent happened)
    {
        var line = Encoding.UTF8.GetBytes(Json.Write(happened) + "\n");
        lock (_gate)
        {
            using var held = OwnerFile.Lock(_lock);
            using var stream = OpenToAppend();
            stream.Write(line);
        }
    }

    /// <summary>All events, oldest first; a line that a crash tore is passed over.</summary>
    public IEnumerable<SecurityEvent> Read()
    {
        if (!File.Exists(Path))
            yield break;
        foreach (var line in File.ReadLines(Path))
            if (Parse(line) is { } happened)
                yield return happened;
    }

    /// <summary>Writes every event anew as it is to read from now on.</summary>
    public void Rewrite(Func<SecurityEvent, SecurityEvent> change)
    {
        lock (_gate)
        {
            if (!File.Exists(Path))
                return;
            using var held = OwnerFile.Lock(_lock);
            var all = Read().ToList();
            if (all.Count > 0)
                OwnerOnly.Replace(Path, Encoding.UTF8.GetBytes(
                    string.Concat(all.Select(it => Json.Write(change(it)) + "\n"))));
        }
    }

    /// <summary>Drops what is older than 180 days.</summary>
    public void Trim(Instant now)
    {
        lock (_gate)
        {
            if (!File.Exists(Path))
                return;
            using var held = OwnerFile.Lock(_lock);
            var all = Read().ToList();
            var kept = all.FindAll(happened => happened.At > now - Kept);
            if (kept.Count == all.Count)
                return;
            var fresh = Path + ".new";
            File.Delete(fresh);
            using (var stream = new FileStream(fresh, ForOwner(FileMode.CreateNew)))
                foreach (var happened in kept)
                    stream.Write(Encoding.UTF8.GetBytes(Json.Write(happened) + "\n"));
            File.Move(fresh, Path, overwrite: true);
        }
    }

    FileStream OpenToAppend() => new(Path, ForOwner(FileMode.Append));

    static FileStreamOptions ForOwner(FileMode mode)
    {
        // No buffer of ours: a line must reach the file in one write.
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    static SecurityEvent? Parse(string line)
    {
        try
        {
            return Json.Read<SecurityEvent>(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
