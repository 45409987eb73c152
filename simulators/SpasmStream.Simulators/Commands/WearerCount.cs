using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Commands;

/// <summary>What was sent for one wearer.</summary>
sealed class WearerCount(string wearer, string character)
{
    public string Wearer { get; } = wearer;

    public string Character { get; } = character;

    public long Messages { get; private set; }

    public long Samples { get; private set; }

    public long Refused { get; private set; }

    /// <summary>The broker's first reason.</summary>
    public string? Refusal { get; private set; }

    public static WearerCount Of(WearerOptions options) => new(options.Name, options.Character.Name);

    public void Count(PublishReceipt receipt)
    {
        if (receipt.Refusal is { } refusal)
        {
            Refused++;
            Refusal ??= $"{receipt.Message.Topic}: {refusal}";
            return;
        }
        Messages++;
        Samples += receipt.Message.Samples;
    }
}
