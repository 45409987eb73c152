namespace SpasmStream.SystemTests.Support;

/// <summary>What a process holds at one moment.</summary>
sealed record ResourceUse(double Hours, double MiB, int Threads, int Handles)
{
    public static ResourceUse Of(RunningProcess process, TimeSpan at) =>
        new(at.TotalHours, process.ResidentMiB, process.Threads, process.Handles);

    /// <summary>MiB an hour, by least squares.</summary>
    public static double Slope(IReadOnlyList<ResourceUse> use)
    {
        var (x, y) = (use.Average(one => one.Hours), use.Average(one => one.MiB));
        return use.Sum(one => (one.Hours - x) * (one.MiB - y)) / use.Sum(one => Math.Pow(one.Hours - x, 2));
    }
}
