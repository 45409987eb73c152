using System.Buffers;
using System.Text.Json;
using NodaTime;
using NodaTime.Text;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// The body of a webhook request. By default it says that there is a risk window and when: fit for a locked
/// screen, and of no more use to a stranger than that.
/// </summary>
static class WebhookMessage
{
    static readonly LocalTimePattern Clock = LocalTimePattern.CreateWithInvariantCulture("HH:mm");

    static readonly LocalDateTimePattern DayAndClock =
        LocalDateTimePattern.CreateWithInvariantCulture("ddd HH:mm");

    /// <summary>An announcement.</summary>
    /// <param name="row">What, with its key.</param>
    /// <param name="zone">Where the wearer lives, for the times in the text.</param>
    /// <param name="options">What may be told.</param>
    public static byte[] Of(OutboxRow row, DateTimeZone zone, WebhookOptions options) => Write(json =>
    {
        var news = row.Announcement;
        var (from, to) = WindowOf(news);
        var isExperimental = news.Alert?.Experimental ?? (news.Forecast.Gate != "validated");
        json.WriteString("key", row.Key);
        json.WriteString("kind", KindOf(news));
        json.WriteString("wearer", options.IncludeWearer ? row.Wearer.ToString() : row.Pseudonym);
        json.WriteStartObject("window");
        json.WriteString("from", Text(from));
        json.WriteString("to", Text(to));
        json.WriteEndObject();
        json.WriteString("band", news.Forecast.Band.ToString().ToLowerInvariant());
        json.WriteString("text", options.IncludeDetails ? Detailed(news) : Plain(news, zone, isExperimental));
        json.WriteString("issued", Text(news.Forecast.Issued));
        json.WriteString("expires", Text(row.Expires));
        json.WriteBoolean("experimental", isExperimental);
        if (options.IncludeDetails)
            WriteDetails(json, news.Forecast);
    });

    /// <summary>A message that says it is a test.</summary>
    public static byte[] Test(string key, Instant now) => Write(json =>
    {
        json.WriteString("key", key);
        json.WriteString("kind", "test");
        json.WriteString("text", RiskMessage.TestText);
        json.WriteString("issued", Text(now));
    });

    static string KindOf(Announcement news) => news.Alert is not null ? "raised" : news.Change.Kind switch
    {
        WindowChangeKind.Opened => "opened",
        WindowChangeKind.Updated => "updated",
        _ => "resolved",
    };

    // While it is open it reaches as far as the newest forecast does.
    static (Instant From, Instant To) WindowOf(Announcement news) => news.Change.Window.End is { } end
        ? (news.Change.Window.Start, end)
        : (news.Forecast.Issued, news.Forecast.Issued + Duration.FromHours(24));

    /// <summary>A stretch of time on the wearer's clock, with its days when it crosses midnight.</summary>
    public static string Plain(Instant from, Instant to, DateTimeZone zone)
    {
        var (start, end) = (from.InZone(zone).LocalDateTime, to.InZone(zone).LocalDateTime);
        return start.Date == end.Date
            ? $"Risk window {Clock.Format(start.TimeOfDay)}-{Clock.Format(end.TimeOfDay)}."
            : $"Risk window {DayAndClock.Format(start)} - {DayAndClock.Format(end)}.";
    }

    static string Plain(Announcement news, DateTimeZone zone, bool isExperimental)
    {
        if (KindOf(news) == "resolved")
            return "Risk window over.";
        var (from, to) = WindowOf(news);
        return Plain(from, to, zone)
            + (isExperimental ? " Experimental: not yet shown to beat your usual rate." : "");
    }

    static string Detailed(Announcement news) => news.Alert is { } alert ? Wording.Of(alert)
        : KindOf(news) == "resolved" ? $"Risk window over. {Wording.Of(news.Forecast)}"
        : Wording.Of(news.Forecast);

    static void WriteDetails(Utf8JsonWriter json, Forecast forecast)
    {
        json.WriteString("target", forecast.Target);
        if (forecast.Probability is { } probability)
            json.WriteNumber("probability", Math.Round(probability, 4));
        json.WriteNumber("base_rate", Math.Round(forecast.BaseRate, 4));
        if (forecast.RelativeRisk is { } relative)
            json.WriteNumber("relative_risk", Math.Round(relative, 2));
        json.WriteStartArray("reasons");
        foreach (var reason in forecast.Reasons)
            json.WriteStringValue(Wording.Of(reason));
        json.WriteEndArray();
    }

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

    static string Text(Instant instant) => InstantPattern.General.Format(instant);
}
