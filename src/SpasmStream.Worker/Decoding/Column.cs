namespace SpasmStream.Worker.Decoding;

/// <summary>
/// The values of one member, one or a whole column, on their way to samples; reused from message to message.
/// </summary>
sealed class Column
{
    double[] _values = new double[64];

    /// <summary>Whether the member was there at all.</summary>
    public bool Given { get; private set; }

    /// <summary>Whether it was an array.</summary>
    public bool IsArray { get; private set; }

    public int Count { get; private set; }

    /// <summary>The values; NaN where there is no sample, be it a gap or refused.</summary>
    public Span<double> Values => _values.AsSpan(0, Count);

    /// <summary>Positions refused, with the reason.</summary>
    public List<(int Position, string Reason)> Faults { get; } = [];

    /// <summary>Whether there is something in it other than one null.</summary>
    public bool IsSaid => Given && (IsArray || !double.IsNaN(_values[0]));

    /// <summary>Whether the other may stand beside it: absent, or of its form and length.</summary>
    public bool Admits(Column other) => !other.Given || (other.IsArray == IsArray && other.Count == Count);

    public void Clear()
    {
        Given = false;
        IsArray = false;
        Count = 0;
        if (Faults.Count > 0)
            Faults.Clear();
    }

    public void Begin(bool isArray)
    {
        Given = true;
        IsArray = isArray;
    }

    public void Add(double value)
    {
        if (Count == _values.Length)
            Array.Resize(ref _values, Count * 2);
        _values[Count++] = value;
    }

    /// <summary>Refuses the next position.</summary>
    public void AddFault(string reason)
    {
        Faults.Add((Count, reason));
        Add(double.NaN);
    }

    /// <summary>Refuses a position that has been added.</summary>
    public void Refuse(int position, string reason)
    {
        Faults.Add((position, reason));
        _values[position] = double.NaN;
    }
}
