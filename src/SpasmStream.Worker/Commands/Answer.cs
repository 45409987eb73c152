using System.Text.Json;

namespace SpasmStream.Worker.Commands;

/// <summary>What a verb prints: one JSON object for a program, or text for a reader.</summary>
static class Answer
{
    static readonly JsonSerializerOptions Names = new(Store.Json.Options)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    /// <summary>The object, as a program reads it.</summary>
    public static string Text<T>(T answer) => JsonSerializer.Serialize(answer, Names);

    /// <summary>Reads what <see cref="Text"/> wrote.</summary>
    public static T? Read<T>(string text) => JsonSerializer.Deserialize<T>(text, Names);

    public static void Print<T>(bool json, T answer, Action<T> asText)
    {
        if (json)
            Console.WriteLine(Text(answer));
        else
            asText(answer);
    }
}
