using System.Text;
using System.Text.Json;
using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>
/// A small file beside the store that says which one lies here, so that a store that is gone or emptied is
/// never taken for a first time.
/// </summary>
/// <param name="Store">The random id that the store holds too.</param>
/// <param name="Created">When it was begun.</param>
/// <param name="Clean">Whether the last worker came to a clean end.</param>
sealed record InstanceMark(string Store, Instant Created, bool Clean)
{
    public static string PathIn(string directory) => Path.Combine(directory, "instance.json");

    /// <summary>Null when there is none.</summary>
    public static InstanceMark? Read(string directory)
    {
        var path = PathIn(directory);
        try
        {
            return File.Exists(path) ? Json.Read<InstanceMark>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            throw new SetupException($"{path} is not what was written. Look whether the store beside it is "
                + "the right one, then remove it.");
        }
    }

    public void Write(string directory) =>
        OwnerOnly.Replace(PathIn(directory), Encoding.UTF8.GetBytes(Json.Write(this) + "\n"));
}
