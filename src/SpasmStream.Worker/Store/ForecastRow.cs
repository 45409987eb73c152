using System.Data;
using Dapper;
using NodaTime.Text;
using SpasmStream.Core.Risk;

namespace SpasmStream.Worker.Store;

/// <summary>A row of the ledger as it lies in the file.</summary>
sealed class ForecastRow
{
    public long Issued { get; init; }

    public string Date { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Target { get; init; } = "";

    public string Origin { get; init; } = "";

    public double? Probability { get; init; }

    public double BaseRate { get; init; }

    public string Band { get; init; } = "";

    public long AtRisk { get; init; }

    public string? Gap { get; init; }

    public double Coverage { get; init; }

    public long? DataUntil { get; init; }

    public string Gate { get; init; } = "";

    public string Model { get; init; } = "";

    public long Alerted { get; init; }

    public string Features { get; init; } = "[]";

    public string Reasons { get; init; } = "[]";

    /// <summary>The head of a query for <c>@wearer</c>, to which conditions may be added.</summary>
    public const string Columns = """
        SELECT issued AS Issued, date AS Date, kind AS Kind, target AS Target, origin AS Origin,
            probability AS Probability, base_rate AS BaseRate, band AS Band, at_risk AS AtRisk,
            gap AS Gap, coverage AS Coverage, data_until AS DataUntil, gate AS Gate, model AS Model,
            alerted AS Alerted, features AS Features, reasons AS Reasons
        FROM forecast WHERE wearer=@wearer
        """;

    /// <summary>A wearer's ledger in order of issue.</summary>
    public static IEnumerable<ForecastRow> Load(IDbConnection reader, long wearer) =>
        reader.Query<ForecastRow>(Columns + " ORDER BY issued, id", new { wearer });

    /// <summary>A wearer's newest forecast; null before the first.</summary>
    public static ForecastRow? Newest(IDbConnection reader, long wearer) =>
        reader.QueryFirstOrDefault<ForecastRow>(
            Columns + " ORDER BY issued DESC, id DESC LIMIT 1", new { wearer });

    public Forecast ToForecast() => new()
    {
        Issued = Ms.ToInstant(Issued),
        Date = LocalDatePattern.Iso.Parse(Date).Value,
        Kind = Enum.Parse<ForecastKind>(Kind),
        Target = Target,
        Probability = Probability,
        BaseRate = BaseRate,
        Band = Enum.Parse<Band>(Band),
        AtRisk = AtRisk != 0,
        Gap = Gap,
        Coverage = Coverage,
        DataUntil = Ms.ToInstant(DataUntil),
        Gate = Gate,
        Model = Model,
        Alerted = Alerted != 0,
        Features = Json.Read<List<FeatureUse>>(Features),
        Reasons = Json.Read<List<Reason>>(Reasons),
    };
}
