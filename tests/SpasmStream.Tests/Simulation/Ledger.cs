using System.Globalization;
using System.Text;

namespace SpasmStream.Tests.Simulation;

/// <summary>Everything that was ever published, and how to know it again by its bytes or its value.</summary>
sealed class Ledger(SeededNumbers numbers, SimPlan plan)
{
    const double Least = 30;
    const double Step = 1e-6;
    const int ColumnMax = 40;

    readonly long[] _next = new long[plan.Devices];
    readonly StringBuilder _text = new();

    public List<SentMessage> Messages { get; } = [];

    public List<SentSample> Samples { get; } = [];

    public static string Wearer(int device) => device % 2 == 0 ? "anna" : "ben";

    public static string Device(int device) => $"watch{device}";

    public static double ValueOf(int sample) => Math.Round(Least + sample * Step, 6);

    /// <summary>Which sample a value names; -1 for none.</summary>
    public int SampleOf(double value)
    {
        var place = (long)Math.Round((value - Least) / Step);
        return place >= 0 && place < Samples.Count && ValueOf((int)place).Equals(value) ? (int)place : -1;
    }

    /// <summary>Which message these bytes are; every payload begins alike.</summary>
    public static int NumberOf(ReadOnlySpan<byte> payload) =>
        System.Buffers.Text.Utf8Parser.TryParse(payload["{\"v\":1,\"n\":".Length..], out int number, out _)
            ? number : throw new SimulationException("A message that nobody sent.");

    /// <summary>The next message of a device, of whatever sort the plan says.</summary>
    public SentMessage Write(int device, long nowMs)
    {
        var draw = numbers.NextDouble();
        var message = draw < plan.Malformed ? Broken(device)
            : (draw -= plan.Malformed) < plan.Retained ? Retained(device, nowMs)
            : (draw - plan.Retained) < plan.Columns ? Column(device, nowMs)
            : One(device, nowMs);
        Messages.Add(message);
        return message;
    }

    SentMessage One(int device, long nowMs)
    {
        var (start, revision) = (NextStart(device, nowMs), 0);
        if (numbers.Chance(plan.Corrected) && LastOf(device) is { } old)
            (start, revision) = (old.Start, numbers.Pick(old.Revision, old.Revision + 1, 0));
        var sample = Add(device, start, revision);
        Begin().Append("\"t\":").Append(start).Append(",\"bpm\":").Append(Text(sample));
        if (revision > 0)
            _text.Append(",\"rev\":").Append(revision);
        return End(device, SentFate.Stored, sample, 1);
    }

    SentMessage Column(int device, long nowMs)
    {
        var count = 2 + numbers.Next(ColumnMax - 2);
        var start = NextStart(device, nowMs);
        var first = Samples.Count;
        Begin().Append("\"t0\":").Append(start).Append(",\"dt\":[");
        for (var i = 0; i < count; i++)
            _text.Append(i == 0 ? "" : ",").Append(i * 7);
        _text.Append("],\"bpm\":[");
        for (var i = 0; i < count; i++)
            _text.Append(i == 0 ? "" : ",").Append(Text(Add(device, start + i * 7, 0)));
        _text.Append(']');
        _next[device] = start + count * 7;
        return End(device, SentFate.Stored, first, count);
    }

    SentMessage Broken(int device)
    {
        Begin().Append("\"t\":\"yesterday\",\"bpm\":60");
        return End(device, SentFate.Refused, 0, 0);
    }

    // Without an instant of its own nobody knows how old it is.
    SentMessage Retained(int device, long nowMs)
    {
        var hasInstant = numbers.Chance(0.5);
        var start = NextStart(device, nowMs);
        var sample = hasInstant ? Add(device, start, 0) : 0;
        if (hasInstant)
            Begin().Append("\"t\":").Append(start).Append(",\"bpm\":").Append(Text(sample));
        else
            Begin().Append("\"state\":\"online\"");
        return End(device, hasInstant ? SentFate.Stored : SentFate.Ignored, sample, hasInstant ? 1 : 0,
            hasInstant ? "heart-rate" : "status") with { Retain = true };
    }

    SentSample? LastOf(int device)
    {
        for (var i = Samples.Count - 1; i >= 0 && i > Samples.Count - 60; i--)
            if (Samples[i].Device == device && numbers.Next(3) == 0)
                return Samples[i];
        return null;
    }

    long NextStart(int device, long nowMs) => _next[device] = Math.Max(_next[device] + 1, nowMs);

    int Add(int device, long start, int revision)
    {
        Samples.Add(new SentSample(Messages.Count, device, start, revision));
        return Samples.Count - 1;
    }

    StringBuilder Begin() => _text.Clear().Append("{\"v\":1,\"n\":").Append(Messages.Count).Append(',');

    SentMessage End(
        int device, SentFate fate, int firstSample, int samples, string kind = "heart-rate") =>
        new(Messages.Count, $"spasmstream/v1/in/{Wearer(device)}/{Device(device)}/{kind}",
            Encoding.UTF8.GetBytes(_text.Append('}').ToString()), numbers.Chance(plan.Qos0) ? 0 : 1, fate)
        { FirstSample = firstSample, Samples = samples };

    static string Text(int sample) => ValueOf(sample).ToString("0.000000", CultureInfo.InvariantCulture);
}
