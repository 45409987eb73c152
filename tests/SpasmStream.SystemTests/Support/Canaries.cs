using System.Text.RegularExpressions;

namespace SpasmStream.SystemTests.Support;

/// <summary>
/// What no line of any worker's log may hold, in any test: the wearers and topics that the tests use, and
/// what some plant on purpose in names, notes, values and secrets.
/// </summary>
static class Canaries
{
    /// <summary>Begins whatever is planted.</summary>
    public const string Mark = "qx7";

    static readonly Regex _record = new(
        "^(<\\d>|\\S+Z )(trce|dbug|info|warn|fail|crit): ", RegexOptions.NonBacktracking);

    static readonly Regex _name = new(
        "(^|[^a-zA-Z0-9])(ada|bob|anna)([^a-zA-Z0-9]|$)|spasmstream/v1/(in|out)/",
        RegexOptions.NonBacktracking);

    const string Payload = SpasmStream.Tests.BadInput.BadMessages.Canary;

    public static string Plant(string what) => $"{Mark}-{what}";

    /// <summary>Looks at the lines of the log, not at what a verb answers to whoever asked.</summary>
    public static void AssertSilent(string output)
    {
        foreach (var line in output.Split('\n').Where(it => _record.IsMatch(it)))
            Assert.False(
                line.Contains(Mark, StringComparison.OrdinalIgnoreCase)
                    || line.Contains(Payload, StringComparison.Ordinal) || _name.IsMatch(line),
                $"S13: a line of the log names somebody or holds what was sent: {line}");
    }
}
