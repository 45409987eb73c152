using System.Text;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Influx;

/// <summary>
/// Writes points as line protocol, each with its instant in milliseconds. What all lines of a series begin
/// with is written once and kept; a line then costs no memory. For one thread.
/// </summary>
/// <param name="nameOf">The name a wearer goes by there, from their pseudonym.</param>
sealed class LineWriter(Func<string, string> nameOf)
{
    // All that follows the tags of a sample: eight fields and an instant, at their longest.
    const int FieldsMost = 256;
    const int SeriesMost = 100_000;

    readonly Dictionary<ForwardSeries, byte[]?[]> _begins = new(ReferenceEqualityComparer.Instance);
    ForwardSeries? _last;
    byte[]?[] _lastBegins = [];

    /// <summary>Adds a line for each point, in order; an empty one where there is no number.</summary>
    /// <param name="batch">The points.</param>
    /// <param name="lines">Where the lines go.</param>
    /// <param name="alone">Whether each line must say all, since others may be refused.</param>
    public void Write(ForwardBatch batch, LineBuffer lines, bool alone = false)
    {
        var samples = batch.Samples;
        var shared = 0;
        // By index: a list behind the interface would hand out an enumerator of its own for every batch.
        for (var i = 0; i < samples.Count; i++)
        {
            var sample = samples[i];
            if (i < shared)
            {
                Write(sample, lines, saysReceipt: false, default);
                continue;
            }

            var says = !IsPrompt(sample);
            var (run, length) = says && !alone ? ReceiptRun.At(samples, i) : default;
            shared = i + length;
            Write(sample, lines, says && !run.Exists, run);
        }

        for (var i = 0; i < batch.Mirrored.Count; i++)
            Write(batch.Mirrored[i], lines);
    }

    void Write(in ForwardSample sample, LineBuffer lines, bool saysReceipt, in ReceiptRun run)
    {
        if (!double.IsFinite(sample.Value))
        {
            lines.End(0);
            return;
        }

        var begin = BeginOf(sample.Series, LineTable.ResolutionOf(sample.Duration));
        var room = lines.Room(begin.Length + FieldsMost);
        begin.CopyTo(room);
        var at = begin.Length;
        Append(room, ref at, sample.Value);
        if (sample.Duration != 0)
            Append(room, ref at, ",dur_ms="u8, sample.Duration);
        if (sample.Gone)
            Append(room, ref at, ",gone=true"u8);
        else if (sample.StandsAgain)
            Append(room, ref at, ",gone=false"u8);
        if (sample.OffsetMinutes != ForwardSample.NoOffset)
            Append(room, ref at, ",off_min="u8, sample.OffsetMinutes);
        else if (sample.StandsAgain)
            Append(room, ref at, ",off_min="u8, LineTable.UnknownOffset);
        if (double.IsFinite(sample.Quality) || sample.StandsAgain)
        {
            Append(room, ref at, ",q="u8);
            Append(room, ref at, double.IsFinite(sample.Quality) ? sample.Quality : LineTable.UnknownQuality);
        }

        if (saysReceipt)
            Append(room, ref at, ",recv="u8, sample.Received);
        if (run.Exists)
        {
            Append(room, ref at, ",run_recv="u8, run.Received);
            Append(room, ref at, ",run_step="u8, run.Step);
            Append(room, ref at, ",run_to="u8, run.To);
        }

        room[at++] = (byte)' ';
        Append(room, ref at, sample.Start);
        room[at++] = (byte)'\n';
        lines.End(at);
    }

    // Of what stands where another stood it is always said: a field that is left out keeps what it was.
    static bool IsPrompt(in ForwardSample sample) => !sample.Gone && !sample.StandsAgain
        && sample.Received - (sample.Start + sample.Duration) is >= 0 and < LineTable.PromptMs;

    byte[] BeginOf(ForwardSeries series, int resolution)
    {
        if (!ReferenceEquals(series, _last))
        {
            if (!_begins.TryGetValue(series, out var begins))
            {
                // Nobody has so many; but whoever makes new ones all the time must not fill the memory.
                if (_begins.Count >= SeriesMost)
                    _begins.Clear();
                _begins[series] = begins = new byte[]?[LineTable.Resolutions.Count];
            }

            (_last, _lastBegins) = (series, begins);
        }

        return _lastBegins[resolution] ??= Begin(series, LineTable.Resolutions[resolution]);
    }

    byte[] Begin(ForwardSeries of, string resolution)
    {
        var series = of.Series;
        var line = new StringBuilder(LineTable.Signals[series.Signal]);
        AppendTag(line, "device", series.Device);
        AppendTag(line, "res", Unusual(resolution));
        AppendTag(line, "source", series.Source);
        AppendTag(line, "stat", Unusual(LineTable.Stats[series.Stat]));
        AppendTag(line, "wearer", nameOf(of.Wearer));
        return Encoding.UTF8.GetBytes(line.Append(' ').Append(LineTable.Value).Append('=').ToString());
    }

    // Nearly all lines are of single readings, and InfluxDB takes every line apart.
    static string Unusual(string word) => word == LineTable.Raw ? "" : word;

    // There are few of these, a handful a day and wearer: clear before fast.
    void Write(MirroredRow row, LineBuffer lines)
    {
        var (measurement, key) = LineTable.Mirrored[row.Kind];
        var line = new StringBuilder(measurement);
        AppendTag(line, key, row.Key);
        AppendTag(line, "wearer", nameOf(row.Wearer));
        var begin = line.Append(' ').Length;
        foreach (var (field, value) in row.Numbers)
            if (double.IsFinite(value))
                Field(line, begin, field).Append(value.ToString("R"));
        foreach (var (field, value) in row.Texts)
            LineText.AppendText(Field(line, begin, field), value);
        if (line.Length == begin)
        {
            lines.End(0);
            return;
        }

        var text = line.Append(' ').Append(row.At).Append('\n').ToString();
        lines.End(Encoding.UTF8.GetBytes(text, lines.Room(Encoding.UTF8.GetMaxByteCount(text.Length))));
    }

    static StringBuilder Field(StringBuilder line, int begin, string name)
    {
        if (!LineTable.IsFieldName(name))
            throw new InvalidOperationException($"No field may be called {name}.");
        return (line.Length > begin ? line.Append(',') : line).Append(name).Append('=');
    }

    // An empty tag is none.
    static void AppendTag(StringBuilder line, string name, string value)
    {
        if (value.Length == 0)
            return;
        line.Append(',').Append(name).Append('=');
        LineText.AppendTag(line, value);
    }

    static void Append(Span<byte> room, ref int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(room[at..]);
        at += text.Length;
    }

    // A whole number of a field ends in an i; an instant does not.
    static void Append(Span<byte> room, ref int at, ReadOnlySpan<byte> field, long value)
    {
        Append(room, ref at, field);
        Append(room, ref at, value);
        room[at++] = (byte)'i';
    }

    static void Append(Span<byte> room, ref int at, long value)
    {
        value.TryFormat(room[at..], out var written);
        at += written;
    }

    static void Append(Span<byte> room, ref int at, double value)
    {
        // Most values are whole, and whole numbers are written three times as fast.
        var whole = (long)value;
        if (whole == value && Math.Abs(value) < 1e15)
        {
            Append(room, ref at, whole);
            return;
        }

        value.TryFormat(room[at..], out var written);
        at += written;
    }
}
