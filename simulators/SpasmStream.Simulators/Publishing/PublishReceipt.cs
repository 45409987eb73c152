namespace SpasmStream.Simulators.Publishing;

/// <summary>What became of one message: taken, or refused for good with the broker's reason.</summary>
readonly record struct PublishReceipt(WireMessage Message, string? Refusal);
