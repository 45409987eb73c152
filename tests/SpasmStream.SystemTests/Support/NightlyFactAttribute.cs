using System.Runtime.CompilerServices;

namespace SpasmStream.SystemTests.Support;

/// <summary>A test of full length: only tests/run --nightly runs it.</summary>
sealed class NightlyFactAttribute : FactAttribute
{
    public const string Reason = "Full length: tests/run --nightly runs it.";

    public NightlyFactAttribute(
        [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        if (!IsNight)
            Skip = Reason;
    }

    public static bool IsNight => Environment.GetEnvironmentVariable("SPASMSTREAM_NIGHTLY") == "1";
}
