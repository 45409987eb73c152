namespace SpasmStream.SystemTests.Support;

/// <summary>What became of every id that was published, and of what nobody published.</summary>
sealed record SetVerdict
{
    /// <summary>Acknowledged, and there once with its value.</summary>
    public required IReadOnlyList<long> Ok { get; init; }

    /// <summary>Not acknowledged; there or not, both are allowed.</summary>
    public required IReadOnlyList<long> Unanswered { get; init; }

    /// <summary>Acknowledged, a dead letter.</summary>
    public required IReadOnlyList<long> Dead { get; init; }

    /// <summary>Acknowledged, and nowhere.</summary>
    public required IReadOnlyList<long> Lost { get; init; }

    /// <summary>There more than once.</summary>
    public required IReadOnlyList<long> Duplicated { get; init; }

    /// <summary>There, and nobody sent it.</summary>
    public required IReadOnlyList<long> Phantom { get; init; }

    /// <summary>There with another value.</summary>
    public required IReadOnlyList<long> Corrupted { get; init; }

    /// <summary>Lost, duplicated, phantom and corrupted are nothing.</summary>
    public bool IsClean => Lost.Count + Duplicated.Count + Phantom.Count + Corrupted.Count == 0;

    public void AssertClean() => Assert.True(IsClean, ToString());

    public override string ToString() =>
        $"ok {Ok.Count}, unanswered {Unanswered.Count}, dead {Dead.Count}, lost {Some(Lost)}, "
        + $"duplicated {Some(Duplicated)}, phantom {Some(Phantom)}, corrupted {Some(Corrupted)}";

    static string Some(IReadOnlyList<long> ids) =>
        ids.Count == 0 ? "0" : $"{ids.Count} ({string.Join(' ', ids.Take(5))} ...)";
}
