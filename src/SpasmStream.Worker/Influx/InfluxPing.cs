namespace SpasmStream.Worker.Influx;

/// <summary>Tells from an answer to <c>/ping</c> who it is.</summary>
static class InfluxPing
{
    public static InfluxVersion VersionOf(InfluxSaid? said, InfluxOptions options)
    {
        var version = said?.Version.TrimStart('v', 'V') ?? "";
        // VictoriaMetrics calls itself InfluxDB 1.8 where others look for that, so its name goes first.
        if (said?.IsVictoria == true)
            return InfluxVersion.Victoria;
        if (version.Length > 0)
            return version[0] switch
            {
                '0' or '1' => InfluxVersion.V1,
                '2' => InfluxVersion.V2,
                _ => InfluxVersion.V3,
            };
        // InfluxDB 3 may say so in words only to those who have a token; Cloud says nothing but its build.
        return said?.Build is "Core" or "Enterprise" ? InfluxVersion.V3
            : said?.Build == "Cloud" || options.Org is { Length: > 0 } ? InfluxVersion.V2
            : options.Token is { Length: > 0 } ? InfluxVersion.V3 : InfluxVersion.V1;
    }
}
