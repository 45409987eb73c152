namespace SpasmStream.SystemTests.Support;

/// <summary>Finds the programs these tests drive. Missing is a skip, and under tests/run a failure.</summary>
static class Servers
{
    /// <summary>The full path of a program; skips or fails the running test without it.</summary>
    public static string Require(string program)
    {
        // Debian keeps servers where only root's PATH looks.
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Concat(["/usr/sbin", "/usr/local/sbin"]);
        if (folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) is { } path)
            return path;

        return Missing($"{program} is not installed; tests/run installs it.");
    }

    /// <summary>Skips or fails the running test: a file is not there, and who makes it.</summary>
    public static string Lack(string file, string maker) => Missing($"There is no {file}: {maker}.");

    static string Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("SPASMSTREAM_REQUIRE_SERVERS") == "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return reason;
    }
}
