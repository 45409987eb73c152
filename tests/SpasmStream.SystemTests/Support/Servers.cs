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

        var reason = $"{program} is not installed; tests/run installs it.";
        if (Environment.GetEnvironmentVariable("SPASMSTREAM_REQUIRE_SERVERS") == "1")
            Assert.Fail(reason);
        Assert.Skip(reason);
        return program;
    }

    /// <summary>Skips what takes long unless tests/run --nightly asked for it.</summary>
    public static void OnlyNightly() => Assert.SkipUnless(
        Environment.GetEnvironmentVariable("SPASMSTREAM_NIGHTLY") == "1", "tests/run --nightly runs it.");
}
