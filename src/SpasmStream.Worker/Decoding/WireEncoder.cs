using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Writes samples as one message of our own format, which <see cref="WireDecoder"/> reads back unchanged.
/// </summary>
/// <remarks>
/// The receipt and the flag of a replay are not part of a message; the implausible flag follows from the
/// value. Samples must be such as a decoder makes: possible values, whole milliseconds, steps as sums.
/// </remarks>
static class WireEncoder
{
    const SampleFlags OnWire =
        SampleFlags.OffSkin | SampleFlags.Moving | SampleFlags.Estimated | SampleFlags.Manual
        | SampleFlags.Provisional | SampleFlags.Historical | SampleFlags.Imputed;

    static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>
    /// One payload for samples of one series, in their order. Throws <see cref="ArgumentException"/> for
    /// none, for more than one series, and for what the format has no words for.
    /// </summary>
    public static byte[] Encode(IReadOnlyList<Sample> samples)
    {
        if (samples.Count == 0)
            throw new ArgumentException("There is nothing to write.", nameof(samples));
        Check(samples);

        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer, Options);
        var isBatch = LengthOfRun(samples, 0) < samples.Count;
        if (isBatch)
            json.WriteStartArray();
        for (int from = 0, length; from < samples.Count; from += length)
        {
            length = LengthOfRun(samples, from);
            WriteObject(json, samples, from, length);
        }

        if (isBatch)
            json.WriteEndArray();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    static void Check(IReadOnlyList<Sample> samples)
    {
        var series = samples[0].Series;
        if (series.Signal is not (Signal.HeartRate or Signal.Steps)
            || (series.Signal == Signal.Steps) != (series.Stat == Stat.Sum))
            throw new ArgumentException("The format has no words for this signal and statistic.",
                nameof(samples));
        foreach (var sample in samples)
            if (sample.Series != series)
                throw new ArgumentException("One message holds samples of one series.", nameof(samples));
    }

    /// <summary>How many samples from here on differ in start and value only.</summary>
    static int LengthOfRun(IReadOnlyList<Sample> samples, int from)
    {
        var first = samples[from];
        var to = from + 1;
        while (to < samples.Count && IsAlike(first, samples[to]))
            to++;
        return to - from;
    }

    static bool IsAlike(in Sample a, in Sample b) =>
        a.Duration == b.Duration && a.Quality == b.Quality && (a.Flags & OnWire) == (b.Flags & OnWire)
        && a.OffsetMinutes == b.OffsetMinutes && a.Revision == b.Revision;

    static void WriteObject(Utf8JsonWriter json, IReadOnlyList<Sample> samples, int from, int length)
    {
        var first = samples[from];
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        if (length == 1)
        {
            WriteTime(json, "t", first.Start.ToUnixTimeMilliseconds(), first.OffsetMinutes);
            WriteCommon(json, first);
            json.WriteNumber(NameOf(first.Series.Signal), first.Value);
        }
        else
        {
            WriteColumns(json, samples, from, length);
        }

        json.WriteEndObject();
    }

    static void WriteColumns(Utf8JsonWriter json, IReadOnlyList<Sample> samples, int from, int length)
    {
        var startMs = long.MaxValue;
        for (var i = from; i < from + length; i++)
            startMs = Math.Min(startMs, samples[i].Start.ToUnixTimeMilliseconds());

        WriteTime(json, "t0", startMs, samples[from].OffsetMinutes);
        WriteCommon(json, samples[from]);
        json.WriteStartArray("dt");
        for (var i = from; i < from + length; i++)
            json.WriteNumberValue(samples[i].Start.ToUnixTimeMilliseconds() - startMs);
        json.WriteEndArray();
        json.WriteStartArray(NameOf(samples[from].Series.Signal));
        for (var i = from; i < from + length; i++)
            json.WriteNumberValue(samples[i].Value);
        json.WriteEndArray();
    }

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
        if ((sample.Flags & OnWire) != 0)
            WriteFlags(json, sample.Flags);
        var stands = series.Stat is not (Stat.Raw or Stat.Sum);
        if (stands || sample.Duration != NodaTime.Duration.Zero)
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

    static string NameOf(Signal signal) => MemberNames.Of(signal == Signal.Steps ? Member.Steps : Member.Bpm);
}
