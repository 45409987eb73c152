namespace SpasmStream.Worker.Web;

/// <summary>
/// A chance and the usual chance as "about 3 in 10", over one denominator: the smallest of 10, 20 and 100 on
/// which the two differ, because "1 in 10, usually 1 in 10" tells nobody anything.
/// </summary>
public readonly record struct Chance(int Now, int Usual, int OutOf)
{
    /// <summary>Both probabilities in [0, 1], rounded alike.</summary>
    public static Chance Of(double probability, double usual, bool mustDiffer)
    {
        foreach (var outOf in (ReadOnlySpan<int>)[10, 20, 100])
        {
            var chance = new Chance(Count(probability, outOf), Count(usual, outOf), outOf);
            if (chance is { Now: > 0, Usual: > 0 } && (chance.Now != chance.Usual || !mustDiffer))
                return chance;
        }
        return new Chance(Count(probability, 100), Count(usual, 100), 100);
    }

    /// <summary>"about 3 in 10", or "less than 1 in 100".</summary>
    public string NowText => Text(Now);

    /// <summary>The usual chance in the same words.</summary>
    public string UsualText => Text(Usual);

    static int Count(double probability, int outOf) =>
        Math.Clamp((int)Math.Round(probability * outOf, MidpointRounding.AwayFromZero), 0, outOf - 1);

    string Text(int count) => count == 0 ? $"less than 1 in {OutOf}" : $"about {count} in {OutOf}";
}
