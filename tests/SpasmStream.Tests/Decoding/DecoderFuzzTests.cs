namespace SpasmStream.Tests.Decoding;

/// <summary>
/// Whatever is made of a message: the decoder never throws, takes and allocates no more than a message may
/// cost, and says the same of the same bytes.
/// </summary>
public sealed class DecoderFuzzTests
{
    /// <summary>Seeds that failed once: run always. A new one is told by the test that finds it.</summary>
    static readonly int[] _failedOnce = [];

    [Fact]
    public void B06_B10_Twenty_thousand_mutants_are_read_or_refused() => Run(0, 20_000);

    [NightlyFact]
    public void B06_B10_Two_million_mutants_are_read_or_refused() => Run(20_000, 2_000_000);

    static void Run(int first, int count)
    {
        var fuzzer = new DecoderFuzzer();
        foreach (var seed in _failedOnce.Concat(Enumerable.Range(first, count)))
            if (fuzzer.Try(seed) is { } fault)
                Assert.Fail($"Seed {seed} (add it to the list above once it is repaired): {fault}");
    }
}
