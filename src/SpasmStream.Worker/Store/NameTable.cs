using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>The numbers that wearers and series go by inside the file.</summary>
sealed class NameTable(SqliteConnection connection)
{
    readonly Dictionary<WearerId, (long Id, string Pseudonym)> _wearers = [];
    readonly Dictionary<(long Wearer, Series Series), long> _series = [];

    /// <summary>A wearer who first comes by a message is unconfirmed until somebody lists them.</summary>
    public long Wearer(WearerId wearer, Instant now, bool confirmed = false) =>
        Find(wearer, now, confirmed).Id;

    public string Pseudonym(WearerId wearer, Instant now) => Find(wearer, now, confirmed: false).Pseudonym;

    /// <summary>The pseudonym of somebody who is a wearer already; null for a stranger.</summary>
    public string? Known(WearerId wearer)
    {
        if (_wearers.TryGetValue(wearer, out var found))
            return found.Pseudonym;
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT pseudonym FROM wearer WHERE name=$n";
        command.Parameters.AddWithValue("$n", wearer.ToString());
        return (string?)command.ExecuteScalar();
    }

    public long Series(long wearer, Series series)
    {
        if (_series.TryGetValue((wearer, series), out var id))
            return id;

        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO series(wearer, device, signal, stat, source) VALUES($w, $d, $g, $s, $o)
            ON CONFLICT DO NOTHING;
            SELECT id FROM series WHERE wearer=$w AND device=$d AND signal=$g AND stat=$s AND source=$o
            """;
        command.Parameters.AddWithValue("$w", wearer);
        command.Parameters.AddWithValue("$d", series.Device);
        command.Parameters.AddWithValue("$g", (int)series.Signal);
        command.Parameters.AddWithValue("$s", (int)series.Stat);
        command.Parameters.AddWithValue("$o", series.Source);
        id = (long)command.ExecuteScalar()!;
        return _series[(wearer, series)] = id;
    }

    /// <summary>After a rollback the numbers given out since are void.</summary>
    public void Forget()
    {
        _wearers.Clear();
        _series.Clear();
    }

    (long Id, string Pseudonym) Find(WearerId wearer, Instant now, bool confirmed)
    {
        if (_wearers.TryGetValue(wearer, out var found))
            return found;

        using var command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO wearer(name, pseudonym, created, confirmed) VALUES($n, $p, $c, $f)
            ON CONFLICT DO UPDATE SET confirmed=max(confirmed, excluded.confirmed);
            SELECT id, pseudonym FROM wearer WHERE name=$n
            """;
        command.Parameters.AddWithValue("$n", wearer.ToString());
        // Logs, dead letters and later other stores name a wearer by this only.
        command.Parameters.AddWithValue("$p", "w-" + RandomNumberGenerator.GetHexString(12, lowercase: true));
        command.Parameters.AddWithValue("$c", Ms.Of(now));
        command.Parameters.AddWithValue("$f", confirmed ? 1 : 0);
        using var row = command.ExecuteReader();
        row.Read();
        return _wearers[wearer] = (row.GetInt64(0), row.GetString(1));
    }
}
