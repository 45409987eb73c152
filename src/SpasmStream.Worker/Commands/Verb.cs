using System.CommandLine;

namespace SpasmStream.Worker.Commands;

/// <summary>A command that shows by an example how it is called.</summary>
sealed class Verb(string name, string description, string example) : Command(name, description)
{
    /// <summary>What to type, without the prompt.</summary>
    public string Example { get; } = example;
}
