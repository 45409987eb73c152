using System.Globalization;
using System.Text.RegularExpressions;

namespace SpasmStream.SystemTests.Support;

/// <summary>
/// A system call: when it began and had ended, in lines of the trace, on which file, with which bytes.
/// </summary>
sealed record Syscall(
    int Began, int Ended, double Seconds, string Name, int Descriptor, string File, byte[] Bytes);

/// <summary>What strace saw of a process: writes, syncs and sends, all threads in one order.</summary>
static partial class SyscallTrace
{
    /// <summary>What to put in front of a program so that its calls go into the file.</summary>
    public static string[] Command(string file) =>
    [
        Servers.Require("strace"), "-D", "-f", "-q", "-ttt", "-y", "--seccomp-bpf", "-xx", "-s", "70000",
        "-e", "trace=fsync,fdatasync,sendto,write,sendmsg,pwrite64", "-o", file,
    ];

    /// <summary>The calls in the order in which they began.</summary>
    public static List<Syscall> Read(string file)
    {
        var calls = new List<Syscall>();
        var open = new Dictionary<string, int>();
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (Resumed().Match(line) is { Success: true } end)
            {
                if (open.Remove(end.Groups[1].Value, out var at))
                    calls[at] = calls[at] with { Ended = number };
            }
            else if (Begun().Match(line) is { Success: true } begin)
            {
                var unfinished = line.EndsWith("<unfinished ...>", StringComparison.Ordinal);
                if (unfinished)
                    open[begin.Groups[1].Value] = calls.Count;
                var words = Quoted().Matches(begin.Groups[6].Value).SelectMany(it => Hex(it.Groups[1].Value));
                calls.Add(new Syscall(number, unfinished ? int.MaxValue : number,
                    double.Parse(begin.Groups[2].Value, CultureInfo.InvariantCulture),
                    begin.Groups[3].Value, int.Parse(begin.Groups[4].Value),
                    new string([.. Hex(begin.Groups[5].Value).Select(it => (char)it)]), [.. words]));
            }
        }

        return calls;
    }

    static byte[] Hex(string text) => text.StartsWith("\\x", StringComparison.Ordinal)
        ? Convert.FromHexString(text.Replace("\\x", "", StringComparison.Ordinal))
        : [.. text.Select(it => (byte)it)];

    [GeneratedRegex(@"^(\d+) +([\d.]+) (\w+)\((\d+)<([^>]*)>(.*)", RegexOptions.Singleline)]
    private static partial Regex Begun();

    [GeneratedRegex(@"^(\d+) +[\d.]+ <\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Quoted();
}
