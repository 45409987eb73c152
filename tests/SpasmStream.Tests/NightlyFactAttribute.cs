using System.Runtime.CompilerServices;

namespace SpasmStream.Tests;

/// <summary>A test of full length: it runs only where <c>SPASMSTREAM_NIGHTLY=1</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
sealed class NightlyFactAttribute : FactAttribute
{
    public NightlyFactAttribute(
        [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Skip = "nightly: set SPASMSTREAM_NIGHTLY=1";
        SkipType = typeof(NightlyFactAttribute);
        SkipUnless = nameof(IsNight);
    }

    public static bool IsNight => Environment.GetEnvironmentVariable("SPASMSTREAM_NIGHTLY") == "1";
}
