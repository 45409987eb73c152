using SpasmStream.Simulators.Publishing;

namespace SpasmStream.Simulators.Replay;

/// <summary>What was read from a file and what of it could not be sent.</summary>
sealed class SourceReport
{
    const int Listed = 10;
    readonly List<string> _refused = [];

    /// <summary>Rows of values, or lines, header and blanks not counted.</summary>
    public long Rows { get; set; }

    public long RowsNotSent { get; private set; }

    public long Messages { get; private set; }

    /// <summary>Values in the messages; of an interchange file, its messages.</summary>
    public long Values { get; private set; }

    /// <summary>The first rows that were not sent: "line 17: not a number".</summary>
    public IReadOnlyList<string> Refused => _refused;

    public void Refuse(int line, string why)
    {
        RowsNotSent++;
        if (_refused.Count < Listed)
            _refused.Add($"line {line}: {why}");
    }

    public WireMessage Sending(WireMessage message)
    {
        Messages++;
        Values += message.Samples;
        return message;
    }
}
