using System.Runtime.CompilerServices;

namespace SpasmStream.SystemTests.Support;

/// <summary>A theory of full length: only tests/run --nightly runs it.</summary>
sealed class NightlyTheoryAttribute : TheoryAttribute
{
    public NightlyTheoryAttribute(
        [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        if (!NightlyFactAttribute.IsNight)
            Skip = NightlyFactAttribute.Reason;
    }
}
