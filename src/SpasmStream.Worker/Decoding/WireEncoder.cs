using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Writes samples as one message of our own format, which <see cref="WireDecoder"/> reads back unchanged.
/// </summary>
/// <remarks>
/// The receipt and the flags of a replay and a withdrawal are not part of a message; the implausible flag
/// follows from the value. Samples must be such as a decoder makes: possible values, whole milliseconds,
/// steps as sums, intervals between beats as long as they say.
/// </remarks>
static class WireEncoder
{
    /// <summary>The flags that have a word.</summary>
    public const SampleFlags OnWire =
        SampleFlags.OffSkin | SampleFlags.Moving | SampleFlags.Estimated | SampleFlags.Manual
        | SampleFlags.Provisional | SampleFlags.Historical | SampleFlags.Imputed | SampleFlags.Asleep;

    static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The last level of the topic that carries a signal.</summary>
    public static string KindOf(Signal signal) => signal switch
    {
        Signal.HeartRate => "heart-rate",
        Signal.Steps or Signal.StepCounter or Signal.StepCounterSince => "steps",
        Signal.RrInterval => "rr",
        Signal.HrvRmssd or Signal.HrvSdnn or Signal.HrvBeats => "hrv",
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "No kind carries this signal."),
    };

    /// <summary>
    /// The series in whose messages this one travels, itself for most: a counter's beginning with the
    /// counter, SDNN and the count of beats with RMSSD. Series of one lead may be written together.
    /// </summary>
    public static Series LeadOf(Series series) => series.Signal switch
    {
        Signal.StepCounterSince => series with { Signal = Signal.StepCounter },
        Signal.HrvSdnn or Signal.HrvBeats => series with { Signal = Signal.HrvRmssd },
        _ => series,
    };

    /// <summary>
    /// One payload for samples of one lead, in their order. Throws <see cref="ArgumentException"/> for none,
    /// for more than one lead, and for what the format has no words for.
    /// </summary>
    public static byte[] Encode(IReadOnlyList<Sample> samples)
    {
        if (samples.Count == 0)
            throw new ArgumentException("There is nothing to write.", nameof(samples));
        Check(samples);

        var rows = WireRow.Of(samples);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        var isBatch = LengthOfRun(rows, 0) < rows.Count;
        if (isBatch)
            json.WriteStartArray();
        for (int from = 0, length; from < rows.Count; from += length)
        {
            length = LengthOfRun(rows, from);
            WriteObject(json, rows.GetRange(from, length));
        }

        if (isBatch)
            json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// One object under an id, for samples that were decoded from one: they differ in start and value only.
    /// </summary>
    public static byte[] Encode(string id, IReadOnlyList<Sample> samples)
    {
        Check(samples);
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        WriteObject(json, WireRow.Of(samples), id);
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    static void Check(IReadOnlyList<Sample> samples)
    {
        var series = samples[0].Series;
        var lead = LeadOf(series);
        var hasWords = lead.Signal switch
        {
            Signal.HeartRate => lead.Stat != Stat.Sum,
            Signal.Steps => lead.Stat == Stat.Sum,
            Signal.StepCounter => lead.Stat == Stat.Last,
            _ => lead.Stat == Stat.Raw,
        };
        if (!hasWords)
            throw new ArgumentException(
                $"The format has no words for the statistic {lead.Stat} of {lead.Signal}.", nameof(samples));
        foreach (var sample in samples)
            if (sample.Series != series && LeadOf(sample.Series) != lead)
                throw new ArgumentException("One message holds samples of one series.", nameof(samples));
    }

    /// <summary>How many rows from here on differ in start and values only.</summary>
    static int LengthOfRun(List<WireRow> rows, int from)
    {
        var to = from + 1;
        while (to < rows.Count && rows[from].GoesWith(rows[to]))
            to++;
        return to - from;
    }

    static void WriteObject(Utf8JsonWriter json, List<WireRow> rows, string? id = null)
    {
        var first = rows[0].Like;
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        if (id is not null)
            json.WriteString("id", id);
        var isColumn = rows.Count > 1;
        var startMs = isColumn ? rows.Min(row => row.StartMs) : rows[0].StartMs;
        WriteTime(json, isColumn ? "t0" : "t", startMs, first.OffsetMinutes);
        WriteCommon(json, first);
        if (rows[0].SinceMs is { } since)
            json.WriteNumber("since", since);
        if (isColumn)
        {
            json.WriteStartArray("dt");
            foreach (var row in rows)
                json.WriteNumberValue(row.PlaceMs - startMs);
            json.WriteEndArray();
        }

        for (var i = 0; i < WireRow.MaxValues; i++)
            WriteValues(json, rows, i);
        json.WriteEndObject();
    }

    /// <summary>One member: a value, or a column in which null is a gap; none without a value.</summary>
    static void WriteValues(Utf8JsonWriter json, List<WireRow> rows, int which)
    {
        var name = WireRow.NameOf(rows[0].Like.Series.Signal, which);
        if (name is null || !IsSaid(rows, which))
            return;
        json.WritePropertyName(name);
        if (rows.Count > 1)
            json.WriteStartArray();
        foreach (var row in rows)
            if (row.Value(which) is { } value)
                json.WriteNumberValue(value);
            else
                json.WriteNullValue();
        if (rows.Count > 1)
            json.WriteEndArray();
    }

    /// <summary>The first value is said even when it is missing, should there be no second one.</summary>
    static bool IsSaid(List<WireRow> rows, int which) =>
        rows.Exists(row => row.Value(which) is not null)
        || (which == 0 && rows.TrueForAll(row => row.Second is null));

    static void WriteTime(Utf8JsonWriter json, string name, long unixMs, int? offsetMinutes)
    {
        if (offsetMinutes is { } offset)
            json.WriteString(name, WireTime.Format(unixMs, offset));
        else
            json.WriteNumber(name, unixMs);
    }

    static void WriteCommon(Utf8JsonWriter json, in Sample sample)
    {
        var series = sample.Series;
        if (series.Source.Length > 0)
            json.WriteString("src", series.Source);
        if (sample.Revision != 0)
            json.WriteNumber("rev", sample.Revision);
        if (sample.Quality is { } quality)
            json.WriteNumber("q", quality);
        if ((sample.Flags & OnWire & ~SampleFlags.Asleep) != 0)
            WriteFlags(json, sample.Flags);
        if ((sample.Flags & SampleFlags.Asleep) != 0)
            json.WriteString("ctx", "sleep");
        // An interval between beats says its own length, and a counter is read at an instant.
        if (series.Signal is Signal.RrInterval or Signal.StepCounter or Signal.StepCounterSince)
            return;
        var stands = series.Stat is not (Stat.Raw or Stat.Sum);
        if (stands || sample.Duration != Duration.Zero)
            json.WriteNumber("dur", (long)sample.Duration.TotalMilliseconds);
        if (stands)
            json.WriteString("stat", SampleShape.Words[(int)series.Stat - 1]);
    }

    static void WriteFlags(Utf8JsonWriter json, SampleFlags flags)
    {
        json.WriteStartArray("flags");
        for (var i = 0; i < CommonMembers.Words.Length; i++)
            if (((int)flags & (1 << i)) != 0)
                json.WriteStringValue(CommonMembers.Words[i]);
        json.WriteEndArray();
    }
}
