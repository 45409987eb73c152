using System.Text.Json.Serialization;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Key">Which setting; null when the configuration cannot be read at all.</param>
/// <param name="Message">What is wrong and what to do.</param>
sealed record SettingsFault(string? Key, string Message)
{
    /// <summary>As a start would say it.</summary>
    [JsonIgnore]
    public string Line => Key is null ? Message : $"{Key}: {Message}";

    /// <summary>Everything a start would say of a file; nothing is made or changed.</summary>
    public static IReadOnlyList<SettingsFault> All(string? file)
    {
        try
        {
            var faults = SettingsCheck.Faults(Settings.Read(file));
            // A start reads who was added by command, too, and fails over a slip there.
            if (faults.Count == 0)
                _ = Settings.Load(file).Settings.ListedWearers();
            return [.. faults.Select(Of)];
        }
        catch (SetupException fault)
        {
            return [new SettingsFault(null, fault.Message)];
        }
    }

    /// <summary>Taken apart: a fault begins with its key, and keys have no blanks.</summary>
    public static SettingsFault Of(string line)
    {
        var end = line.IndexOf(' ');
        return new SettingsFault(line[..end].TrimEnd(':'), line[(end + 1)..]);
    }
}
