using System.Text;
using System.Text.RegularExpressions;
using SpasmStream.SystemTests.Support;

namespace SpasmStream.SystemTests.Faults;

/// <summary>Places at which a test may kill are in a build of their own, and in no other.</summary>
public sealed partial class FailpointTests
{
    [Fact]
    public void S34_No_build_but_its_own_knows_the_failpoints()
    {
        var names = Names();
        Assert.Contains("before_commit", names);
        var own = Text(WorkerProcess.FailpointAssembly);
        Assert.All(names, name => Assert.Contains(Quoted(name), own, StringComparison.Ordinal));

        string[] others = [WorkerProcess.Assembly, WorkerProcess.AssemblyOf("Debug"),
            WorkerProcess.AssemblyOf("Release")];
        foreach (var other in others.Where(File.Exists).Distinct())
        {
            var text = Text(other);
            Assert.All(names, name => Assert.DoesNotContain(Quoted(name), text, StringComparison.Ordinal));
            Assert.DoesNotContain("SPASMSTREAM_FAILPOINTS", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void F30_The_places_in_the_code_are_the_twelve_that_are_killed_at()
    {
        // The first six in the corridor, two while forwarding, and four each in its own way.
        string[] places =
        [
            "after_receive", "before_commit", "after_commit", "before_ack", "after_ack", "during_checkpoint",
            "before_forward", "after_forward_before_mark",
            "before_alert_insert", "after_send_before_mark", "during_migration", "during_shutdown",
        ];
        var named = Names().Where(name => !name.StartsWith("loop_", StringComparison.Ordinal));
        Assert.Equal(places.Order(), named.Order());
    }

    [Fact]
    public async Task S34_Killed_at_the_fifth_commit_four_are_kept()
    {
        await using var rig = WorkerRig.Make();
        rig.Failpoints = "before_commit=kill@5";
        await rig.StartAgainAsync();
        using var ada = await rig.AdaAsync();
        var start = WorkerRig.Now - 10_000;
        for (var i = 1; i <= 4; i++)
        {
            await ada.SendAsync(RawMqtt.Publish(i, WorkerRig.Topic, WorkerRig.Bpm(start + i)));
            Assert.Equal(new Puback(i, 0), await ada.ReadPubackAsync());
        }

        await ada.SendAsync(RawMqtt.Publish(5, WorkerRig.Topic, WorkerRig.Bpm(start + 5)));
        Assert.Null(await ada.ReadAsync());
        Assert.Equal(137, await rig.Process.ExitAsync());
        Assert.Equal(4, rig.Count("SELECT count(*) FROM sample"));
        rig.Failpoints = null;
        await rig.StartAgainAsync();
    }

    // A word of its own on the heap of strings: lengths lie around it, letters do not.
    static string Quoted(string name) => name + "\0";

    static string Text(string assembly)
    {
        var bytes = File.ReadAllBytes(assembly);
        // Strings are UTF-16 at any offset; a zero behind each of its letters is taken away.
        var text = new StringBuilder(bytes.Length / 2);
        for (var i = 0; i + 1 < bytes.Length; i++)
            if (bytes[i] is >= 0x20 and < 0x7F && bytes[i + 1] == 0)
            {
                text.Append((char)bytes[i]);
                i++;
            }
            else if (text.Length > 0 && text[^1] != '\0')
            {
                text.Append('\0');
            }

        return text.ToString();
    }

    static List<string> Names()
    {
        var source = new DirectoryInfo(WorkerProcess.AssemblyOf("Debug"));
        while (source!.Name != "SpasmStream.Worker")
            source = source.Parent;
        return [.. source.EnumerateFiles("*.cs", SearchOption.AllDirectories)
            .Where(file => !file.FullName.Contains("/bin/", StringComparison.Ordinal)
                && !file.FullName.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(file => Hit().Matches(File.ReadAllText(file.FullName)))
            .Select(match => match.Groups[1].Value).Distinct()];
    }

    [GeneratedRegex("""Failpoint\.Hit\("([a-z_]+)"\)""")]
    private static partial Regex Hit();
}
