using System.Text;

namespace SpasmStream.Worker.Intake;

/// <summary>What may stand in a list of topic filters. The library and some brokers take anything.</summary>
static class TopicFilters
{
    /// <summary>What is taken where none is named.</summary>
    public const string Default = "spasmstream/v1/in/#";

    const int Most = 50;
    const int BytesMax = 256;

    /// <summary>What is wrong with them, each fault in one line that begins with its key.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<string> filters, string key)
    {
        if (filters.Count > Most)
            yield return $"{key}: {Most} filters at most.";
        for (var i = 0; i < filters.Count; i++)
            if (Fault(filters[i]) is { } fault)
                yield return $"{key}:{i}: {fault}";
            else if (Enumerable.Range(0, i).FirstOrDefault(j => Overlap(filters[j], filters[i]), -1) is var j
                and >= 0)
                yield return $"{key}:{i}: it takes topics that {key}:{j} takes as well; keep one of them.";
    }

    /// <summary>Why it is no filter to subscribe to; null when it is one.</summary>
    public static string? Fault(string? filter)
    {
        if (string.IsNullOrEmpty(filter))
            return "a topic filter is needed, such as " + Default + ".";
        if (Encoding.UTF8.GetByteCount(filter) > BytesMax)
            return $"a filter has {BytesMax} bytes at most.";
        if (filter.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\uFFFD'))
            return "control characters and broken text may not stand in a filter.";
        if (filter.StartsWith("$share/", StringComparison.Ordinal))
            return "a shared subscription would give each worker a part of a wearer's data; "
                + "name the filter without $share and its group.";
        if (filter[0] == '$')
            return "topics that begin with $ belong to the broker.";
        var levels = filter.Split('/');
        if (levels.Any(level => level.Length == 0))
            return "it has an empty level: a slash too many.";
        if (levels.SkipLast(1).Contains("#")
            || levels.Any(level => level.Length > 1 && level.AsSpan().ContainsAny('+', '#')))
            return "+ stands for one whole level, and # for all that follow, at the end.";
        return null;
    }

    /// <summary>Whether some topic matches both.</summary>
    public static bool Overlap(string one, string other)
    {
        var (a, b) = (one.Split('/'), other.Split('/'));
        for (var i = 0; ; i++)
        {
            // a/# matches a itself too.
            if (i < a.Length && a[i] == "#" || i < b.Length && b[i] == "#")
                return true;
            if (i == a.Length || i == b.Length)
                return a.Length == b.Length;
            if (a[i] != b[i] && a[i] != "+" && b[i] != "+")
                return false;
        }
    }
}
