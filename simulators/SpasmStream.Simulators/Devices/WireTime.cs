using NodaTime;
using NodaTime.Text;

namespace SpasmStream.Simulators.Devices;

/// <summary>Instants as the wire format writes them: local time with its offset, to the second.</summary>
static class WireTime
{
    static readonly OffsetDateTimePattern Pattern =
        OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:sso<+HH:mm>");

    public static string Format(Instant at, DateTimeZone zone) =>
        Pattern.Format(at.InZone(zone).ToOffsetDateTime());
}
