namespace SpasmStream.Core.Evaluation;

/// <summary>One forecast whose outcome is known, beside the reference it has to beat.</summary>
/// <param name="Probability">The forecast chance of an onset, 0 to 1.</param>
/// <param name="BaseRate">The reference for the same day: the wearer's running base rate, or another.</param>
/// <param name="Onset">Whether an onset followed within the horizon.</param>
public readonly record struct ScoredDay(double Probability, double BaseRate, bool Onset);
