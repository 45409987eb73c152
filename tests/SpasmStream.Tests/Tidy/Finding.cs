namespace SpasmStream.Tests.Tidy;

/// <summary>One place that breaks a rule: where it is and what to do.</summary>
sealed record Finding(string Path, int Line, string Advice)
{
    public override string ToString() => $"{Path}:{Line}: {Advice}";

    /// <summary>Fails with every place at once, so that one run shows the whole work.</summary>
    public static void None(IEnumerable<Finding> findings)
    {
        var all = findings.Select(finding => finding.ToString()).ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }
}
