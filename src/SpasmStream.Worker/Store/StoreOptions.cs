using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Store;

/// <summary>Where the file lives and how much it may hold.</summary>
sealed class StoreOptions
{
    /// <summary>
    /// The folder that holds everything we keep. The default is <c>data</c> in the working folder.
    /// </summary>
    [Required]
    public string Directory { get; set; } = "data";

    /// <summary>Days a dead letter is kept. The default is 30.</summary>
    [Range(1, 3650)]
    public int DeadLetterDays { get; set; } = 30;

    /// <summary>MiB of dead-lettered payload kept; the oldest go first. The default is 256.</summary>
    [Range(1, 65536)]
    public int DeadLetterMebibytes { get; set; } = 256;
}
