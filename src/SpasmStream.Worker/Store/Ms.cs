using NodaTime;

namespace SpasmStream.Worker.Store;

/// <summary>Instants as the store keeps them: Unix milliseconds, UTC.</summary>
static class Ms
{
    public static long Of(Instant instant) => instant.ToUnixTimeMilliseconds();

    public static long? Of(Instant? instant) => instant?.ToUnixTimeMilliseconds();

    public static Instant ToInstant(long milliseconds) => Instant.FromUnixTimeMilliseconds(milliseconds);

    public static Instant? ToInstant(long? milliseconds) =>
        milliseconds is { } value ? Instant.FromUnixTimeMilliseconds(value) : null;
}
