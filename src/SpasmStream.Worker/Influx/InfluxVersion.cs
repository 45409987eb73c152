namespace SpasmStream.Worker.Influx;

/// <summary>Which of those that take line protocol it is; settings may say the number.</summary>
enum InfluxVersion
{
    /// <summary>Ask it.</summary>
    Auto = 0,

    /// <summary>InfluxDB 1.x.</summary>
    V1 = 1,

    /// <summary>InfluxDB 2.x and Cloud.</summary>
    V2 = 2,

    /// <summary>InfluxDB 3.</summary>
    V3 = 3,

    /// <summary>VictoriaMetrics.</summary>
    Victoria = 4,
}

/// <summary>By what name a wearer goes in InfluxDB.</summary>
enum WearerNaming
{
    /// <summary>A random one, that means nothing once the wearer is erased here.</summary>
    Pseudonym,

    /// <summary>The wearer's own id.</summary>
    Id,
}
