using SpasmStream.Worker.Influx;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// Reaches InfluxDB, signs in, writes a canary to the database and reads it back; nothing else is written.
/// </summary>
static class DoctorInflux
{
    const string Area = "influx";

    public static async Task<IReadOnlyList<DoctorFinding>> TryAsync(
        InfluxOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!options.IsOn)
            return [];
        using var link = new InfluxHttp(options, time);
        var at = options.Address().GetLeftPart(UriPartial.Authority);
        var (version, fault) = await link.VersionAsync(cancellationToken);
        if (fault is { } away)
            return
            [
                DoctorFinding.Failed(Area, away.Status switch
                {
                    0 => $"{at} does not answer.",
                    AnswerSort.NotTrusted => $"{at} is not trusted, or does not speak TLS.",
                    var status => $"{at} answers with status {status} only.",
                }, away.Status == AnswerSort.NotTrusted
                    ? "Use the name its certificate is for; Influx:CaFile names a private authority."
                    : "Check Influx:Url, the network, and that it runs."),
            ];
        var seen = $"{at} answers: {NameOf(version)}.";
        if (!options.CreateDatabase)
            return [DoctorFinding.Ok(Area, seen), await CanaryAsync(link, options, time, cancellationToken)];
        // As the worker does it: a missing database is made, once.
        var sorted = AnswerSort.Of(await WriteAsync(link, time, cancellationToken));
        if (sorted.Step == NextStep.Create)
            await link.CreateAsync(cancellationToken);
        return [DoctorFinding.Ok(Area, seen), await CanaryAsync(link, options, time, cancellationToken)];
    }

    static async Task<DoctorFinding> CanaryAsync(
        InfluxHttp link, InfluxOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var sorted = AnswerSort.Of(await WriteAsync(link, time, cancellationToken));
        if (sorted.Step != NextStep.Done)
            return DoctorFinding.Failed(Area, sorted.Reason, Advice(sorted.Step));
        return await CanaryLoop.TryAsync(link, time, cancellationToken) switch
        {
            CanaryAnswer.Found => DoctorFinding.Ok(Area,
                $"It took a point for {options.Database}, and has it."),
            CanaryAnswer.Missing => DoctorFinding.Failed(Area,
                $"It took a point for {options.Database}, and does not have it.",
                "Look at its disk, its log and the database's retention."),
            _ => DoctorFinding.Ok(Area, $"It took a point for {options.Database}; whether it has it cannot "
                + "be asked here."),
        };
    }

    static Task<InfluxAnswer> WriteAsync(
        InfluxHttp link, TimeProvider time, CancellationToken cancellationToken) =>
        link.WriteAsync(CanaryLoop.Line(time.GetUtcNow().ToUnixTimeMilliseconds()), cancellationToken);

    static string Advice(NextStep step) => step switch
    {
        NextStep.Create => "Make the database there, and let our account write to it; or set "
            + "Influx:CreateDatabase to true and give the account the right to.",
        NextStep.Wait => "Look at its log; meanwhile everything is kept in the store.",
        _ => "Check Influx:User and Influx:Password or Influx:Token, Influx:Database, Influx:Org and "
            + "Influx:Bucket.",
    };

    static string NameOf(InfluxVersion version) => version switch
    {
        InfluxVersion.V1 => "InfluxDB 1",
        InfluxVersion.V2 => "InfluxDB 2",
        InfluxVersion.V3 => "InfluxDB 3",
        _ => "VictoriaMetrics, which keeps one month unless its -retentionPeriod says more",
    };
}
