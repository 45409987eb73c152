using System.Runtime.CompilerServices;

namespace SpasmStream.SystemTests.Support;

/// <summary>A test of full length: it runs only where SPASMSTREAM_NIGHTLY=1.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NightlyFactAttribute : FactAttribute
{
    public NightlyFactAttribute(
        [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
        : base(sourceFilePath, sourceLineNumber)
    {
        Skip = "Of full length: SPASMSTREAM_NIGHTLY=1 runs it.";
        SkipType = typeof(Nightly);
        SkipUnless = nameof(Nightly.IsOn);
    }
}

/// <summary>Whether tests of full length run.</summary>
public static class Nightly
{
    public static bool IsOn => Environment.GetEnvironmentVariable("SPASMSTREAM_NIGHTLY") == "1";
}
