namespace SpasmStream.Worker.Commands;

/// <summary>How something looks.</summary>
enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and somebody should look.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,
}

/// <summary>One thing that was tried.</summary>
/// <param name="Area">What it belongs to, such as <c>store</c>.</param>
/// <param name="State">How it looks.</param>
/// <param name="Seen">What was seen.</param>
/// <param name="Advice">What to do; empty when there is nothing to do.</param>
sealed record DoctorFinding(string Area, FindingState State, string Seen, string Advice)
{
    public static DoctorFinding Ok(string area, string seen, string advice = "") =>
        new(area, FindingState.Ok, seen, advice);

    public static DoctorFinding Warning(string area, string seen, string advice) =>
        new(area, FindingState.Warning, seen, advice);

    public static DoctorFinding Failed(string area, string seen, string advice) =>
        new(area, FindingState.Failed, seen, advice);
}
