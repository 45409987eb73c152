using System.Text.Json;

namespace SpasmStream.Worker.Influx;

/// <summary>What became of a wearer's points in InfluxDB.</summary>
/// <param name="State"><c>erased</c>, <c>scheduled</c>, <c>unsupported</c> or <c>failed</c>.</param>
/// <param name="Note">What there is to say about it.</param>
readonly record struct InfluxErased(string State, string Note);

/// <summary>
/// Erases a wearer from InfluxDB, as far as its version can: some only hide the points until they tidy up,
/// and InfluxDB 3 cannot at all.
/// </summary>
sealed class InfluxErase(InfluxOptions options, InfluxHttp link)
{
    /// <summary>Erases what goes by any of the names.</summary>
    public async Task<InfluxErased> RunAsync(
        IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var (version, fault) = await link.VersionAsync(cancellationToken);
        if (fault is not null)
            return Failed("it was not reached; start it, then erase again");
        if (version == InfluxVersion.V3)
            return new InfluxErased("unsupported", "InfluxDB 3 cannot delete rows: they go with its retention"
                + (options.WearerNames == WearerNaming.Pseudonym
                    ? "; until then they name a pseudonym that nothing leads from" : "; until then they name "
                    + "the wearer"));
        foreach (var name in names)
            if (!await EraseAsync(version, name, cancellationToken))
                return Failed("it refused; give our account the right to delete from the database, then "
                    + "erase again");
        return version switch
        {
            InfluxVersion.Victoria => new InfluxErased(
                "scheduled", "gone from every answer; its files lose it when VictoriaMetrics merges them"),
            _ => new InfluxErased(
                "erased", "gone from every answer; its files lose it when InfluxDB compacts them"),
        };
    }

    async Task<bool> EraseAsync(InfluxVersion version, string name, CancellationToken cancellationToken)
    {
        if (version == InfluxVersion.V1)
            return await link.AskAsync(InfluxQuestion.Drop(name), cancellationToken) is { Fault: null };
        var requests = new InfluxRequests(options);
        // A name has no quote in it and no backslash: WearerId and pseudonyms are letters and digits.
        using var request = version == InfluxVersion.V2
            ? requests.Delete(JsonSerializer.Serialize(new
            {
                start = "1970-01-01T00:00:00Z",
                stop = "2200-01-01T00:00:00Z",
                predicate = $"wearer=\"{Plain(name)}\"",
            }))
            : requests.DeleteSeries($"{{wearer=\"{Plain(name)}\"}}");
        var answer = await link.SendAsync(request, cancellationToken);
        return !answer.IsForeign && answer.Status is >= 200 and < 300;
    }

    static string Plain(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? name
            : throw new ArgumentException("This is no wearer's name.", nameof(name));

    static InfluxErased Failed(string note) => new("failed", note);
}
