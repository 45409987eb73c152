using System.Buffers;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>The payloads of <c>out/&lt;wearer&gt;/risk</c> and <c>out/&lt;wearer&gt;/event</c>.</summary>
static class RiskMessage
{
    /// <summary>What a test says on every channel.</summary>
    public const string TestText = "SpasmStream test: this channel works. It is about nobody.";

    /// <summary>The present forecast, retained.</summary>
    public static byte[] Risk(Forecast forecast) => Write(json => WriteForecast(json, forecast));

    /// <summary>A step in the life of a risk window, with the alert when one goes with it.</summary>
    public static byte[] Event(Announcement news) => Write(json =>
    {
        json.WriteString("event_type", news.Change.Kind.ToString().ToLowerInvariant());
        WriteForecast(json, news.Forecast);
        json.WriteString("opened", Text(news.Change.Window.Start));
        if (news.Change.Window.End is { } end)
            json.WriteString("closed", Text(end));
        if (news.Alert is not { } alert)
            return;
        json.WriteStartObject("alert");
        json.WriteString("text", Wording.Of(alert));
        json.WriteBoolean("experimental", alert.Experimental);
        json.WriteString("expires", Text(alert.Expires));
        json.WriteEndObject();
    });

    /// <summary>A message that says it is a test.</summary>
    public static byte[] Test(string key, Instant now) => Write(json =>
    {
        json.WriteString("event_type", "test");
        json.WriteString("key", key);
        json.WriteString("text", TestText);
        json.WriteString("issued", Text(now));
    });

    static byte[] Write(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            content(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    static void WriteForecast(Utf8JsonWriter json, Forecast forecast)
    {
        json.WriteString("issued", Text(forecast.Issued));
        json.WriteString("kind", forecast.Kind.ToString().ToLowerInvariant());
        json.WriteString("target", forecast.Target);
        if (forecast.Probability is { } probability)
            json.WriteNumber("probability", Math.Round(probability, 4));
        json.WriteNumber("base_rate", Math.Round(forecast.BaseRate, 4));
        if (forecast.RelativeRisk is { } relative)
            json.WriteNumber("relative_risk", Math.Round(relative, 2));
        json.WriteString("band", forecast.Band.ToString().ToLowerInvariant());
        if (forecast.Gap is { } gap)
            json.WriteString("gap", gap);
        json.WriteBoolean("open", forecast.AtRisk && WindowFold.IsRaised(forecast));
        json.WriteStartObject("window");
        json.WriteString("from", Text(forecast.Issued));
        json.WriteString("to", Text(forecast.Issued + Duration.FromHours(24)));
        json.WriteEndObject();
        json.WriteStartArray("reasons");
        foreach (var reason in forecast.Reasons)
            WriteReason(json, reason);
        json.WriteEndArray();
        if (forecast.DataUntil is { } until)
            json.WriteString("data_until", Text(until));
        json.WriteString("gate", forecast.Gate);
        json.WriteString("model", forecast.Model);
    }

    static void WriteReason(Utf8JsonWriter json, Reason reason)
    {
        json.WriteStartObject();
        json.WriteString("feature", reason.Measure);
        if (reason.Value is { } value)
            json.WriteNumber("value", Math.Round(value, 2));
        if (reason.Usual is { } usual)
            json.WriteNumber("usual", Math.Round(usual, 2));
        json.WriteString("unit", reason.Unit);
        json.WriteEndObject();
    }

    static string Text(Instant instant) => InstantPattern.General.Format(instant);
}
