using Dapper;
using Microsoft.Data.Sqlite;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>The series by their numbers, one object each for as long as nobody is erased.</summary>
sealed class ForwardNames(SqliteConnection reader)
{
    readonly Dictionary<long, ForwardSeries?> _known = [];
    (long, long?) _erased;

    /// <summary>Before a batch: the numbers of somebody who was erased may have been given anew.</summary>
    public void Refresh()
    {
        var erased = reader.QuerySingle<(long, long?)>("SELECT count(*), max(at) FROM erased");
        if (erased != _erased)
            _known.Clear();
        _erased = erased;
    }

    /// <summary>Null for a number that is nobody's: its wearer was erased.</summary>
    public ForwardSeries? Of(long number)
    {
        if (_known.TryGetValue(number, out var series))
            return series;
        var row = reader.QueryFirstOrDefault<(string? Pseudonym, string Device, long Signal, long Stat,
            string Source)>("""
            SELECT pseudonym, device, signal, stat, source FROM series JOIN wearer ON wearer.id=series.wearer
            WHERE series.id=@number
            """, new { number });
        if (row.Pseudonym is null)
            return null;
        return _known[number] = new ForwardSeries(row.Pseudonym,
            new Series(row.Device, (Signal)row.Signal, (Stat)row.Stat, row.Source));
    }
}
