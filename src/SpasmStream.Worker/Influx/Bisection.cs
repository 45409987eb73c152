using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Finds the lines of a refused body that are refused alone: halves, in order, until single lines; at most
/// 2 x bad x log2(n) + 1 requests, the first refusal among them. No I/O.
/// </summary>
sealed class Bisection
{
    readonly Stack<(int From, int To)> _left = [];
    readonly List<RefusedPoint> _refused = [];
    (int From, int To) _current;

    /// <param name="from">The first point of the body.</param>
    /// <param name="to">The point after its last one.</param>
    /// <param name="code">The reason code it was refused with.</param>
    public Bisection(int from, int to, string code)
    {
        _current = (from, to);
        Refused(code);
    }

    /// <summary>What is refused alone, so far, in order.</summary>
    public IReadOnlyList<RefusedPoint> Bad => _refused;

    /// <summary>The next points to be sent; false when all are told apart.</summary>
    public bool Next(out int from, out int to)
    {
        var any = _left.TryPop(out _current);
        (from, to) = _current;
        return any;
    }

    /// <summary>The points that were given last are refused, together or alone.</summary>
    public void Refused(string code)
    {
        var (from, to) = _current;
        if (to - from == 1)
        {
            _refused.Add(new RefusedPoint(from, code, DetailOf(code)));
            return;
        }

        var middle = from + ((to - from) / 2);
        _left.Push((middle, to));
        _left.Push((from, middle));
    }

    /// <summary>What is said of a line that is refused alone: never a value.</summary>
    public static string DetailOf(string code) => code switch
    {
        AnswerSort.BeyondRetention => "InfluxDB keeps nothing that old; it is in the store here",
        AnswerSort.TypeConflict => "InfluxDB has another type for the field",
        AnswerSort.Unreadable => "InfluxDB cannot read the line",
        AnswerSort.TooLarge => "InfluxDB takes no request as large as this line",
        NotFinite => "not a finite number",
        _ => "InfluxDB refuses the line",
    };

    /// <summary>Of a point that has no number to be written.</summary>
    public const string NotFinite = "number";
}
