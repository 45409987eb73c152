using System.Diagnostics;

namespace SpasmStream.Worker;

/// <summary>
/// A named place at which a test may kill, throw or delay. Calls exist in the build configuration
/// <c>Failpoints</c> only; elsewhere neither they nor the names of the places are compiled in.
/// </summary>
/// <remarks>
/// <c>SPASMSTREAM_FAILPOINTS="before_commit=kill@25;after_ack=delay:500"</c>: what to do there, and at which
/// passing (from 1; without it, at each).
/// </remarks>
static class Failpoint
{
    [Conditional("FAILPOINTS")]
    public static void Hit(string place)
    {
#if FAILPOINTS
        if (!_actions.TryGetValue(place, out var action) || !action.IsDue())
            return;
        switch (action.Verb)
        {
            case "kill":
                // No handler, no finally, no flush: what a power cut leaves of a process.
                using (var self = Process.GetCurrentProcess())
                    self.Kill();
                new ManualResetEventSlim().Wait();
                break;
            case "throw":
                throw new FailpointException(place);
            case "delay":
                using (var never = new ManualResetEventSlim())
                    never.Wait(action.Milliseconds);
                break;
        }
#endif
    }

#if FAILPOINTS
    static readonly Dictionary<string, Action> _actions = Parse(
        Environment.GetEnvironmentVariable("SPASMSTREAM_FAILPOINTS") ?? "");

    static Dictionary<string, Action> Parse(string text)
    {
        var actions = new Dictionary<string, Action>(StringComparer.Ordinal);
        const StringSplitOptions neat =
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var part in text.Split(';', neat))
        {
            var (place, what) = part.Split('=', 2) is [var left, var right] ? (left, right)
                : throw new SetupException($"SPASMSTREAM_FAILPOINTS: '{part}' is not place=action.");
            var due = what.Split('@', 2);
            var verb = due[0].Split(':', 2);
            actions[place] = new Action(verb[0], verb.Length > 1 ? int.Parse(verb[1]) : 0,
                due.Length > 1 ? int.Parse(due[1]) : 0);
        }

        return actions;
    }

    sealed class Action(string verb, int milliseconds, int at)
    {
        int _passed;

        public string Verb { get; } = verb;

        public int Milliseconds { get; } = milliseconds;

        public bool IsDue() => Interlocked.Increment(ref _passed) == at || at == 0;
    }

    sealed class FailpointException(string place) : Exception($"Failpoint {place}.");
#endif
}
