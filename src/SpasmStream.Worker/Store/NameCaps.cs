using Dapper;
using Microsoft.Data.Sqlite;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// How many wearers, devices and series there may be: whoever makes up names fills neither the file nor what
/// it is forwarded to. What is replayed or imported is the operator's own and has no limit.
/// </summary>
sealed class NameCaps(SqliteConnection connection, StoreOptions options)
{
    const int MostRemembered = 100_000;

    // Remembered also when the transaction fails: what was admitted once is admitted again.
    readonly Dictionary<WearerId, HashSet<string>> _devices = [];
    readonly HashSet<(WearerId Wearer, Series Series)> _series = [];
    readonly Dictionary<WearerId, HashSet<Series>> _fresh = [];
    readonly List<Series> _unknown = [];
    long _day;

    /// <summary>The message as it is, or refused as a whole because of one name too many in it.</summary>
    public Decoded Refuse(Decoded decoded, Delivery delivery)
    {
        if (decoded.Wearer is not { } wearer || delivery.Replayed || !decoded.SaysAnything)
            return decoded;
        if (DevicesOf(wearer) is not { } devices)
            return decoded.Refuse(Reasons.Cardinality, $"More than {options.MostWearers} wearers.");
        var device = decoded.Device;
        if (device != "diary" && !devices.Contains(device) && devices.Count >= options.MostDevices)
            return decoded.Refuse(Reasons.Cardinality,
                $"More than {options.MostDevices} devices of a wearer.");
        if (!AdmitsSeries(wearer, decoded, delivery))
            return decoded.Refuse(Reasons.Cardinality,
                $"More than {options.NewSeriesPerDay} new series of a wearer in a day.");
        if (device != "diary")
            devices.Add(device);
        return decoded;
    }

    /// <summary>Null for one wearer too many.</summary>
    HashSet<string>? DevicesOf(WearerId wearer)
    {
        if (_devices.TryGetValue(wearer, out var known))
            return known;
        var name = new { n = wearer.ToString() };
        if (connection.ExecuteScalar<long?>("SELECT id FROM wearer WHERE name=@n", name) is not { } id)
        {
            if (connection.ExecuteScalar<long>("SELECT count(*) FROM wearer") >= options.MostWearers)
                return null;
            return _devices[wearer] = [];
        }

        var devices = connection.Query<string>("""
            SELECT device FROM series WHERE wearer=@id UNION SELECT name FROM device WHERE wearer=@id
            UNION SELECT device FROM entry WHERE wearer=@id
            """, new { id });
        var found = devices.ToHashSet();
        found.Remove("diary");
        return _devices[wearer] = found;
    }

    bool AdmitsSeries(WearerId wearer, Decoded decoded, Delivery delivery)
    {
        _unknown.Clear();
        Series? last = null;
        foreach (var sample in decoded.Samples)
        {
            if (ReferenceEquals(last, sample.Series))
                continue;
            last = sample.Series;
            if (!IsKnown(wearer, last) && !_unknown.Contains(last))
                _unknown.Add(last);
        }

        if (_unknown.Count == 0)
            return true;
        var fresh = FreshOf(wearer, delivery.Received);
        if (fresh.Count + _unknown.Count > options.NewSeriesPerDay)
            return false;
        foreach (var series in _unknown)
        {
            fresh.Add(series);
            _series.Add((wearer, series));
        }

        return true;
    }

    bool IsKnown(WearerId wearer, Series series)
    {
        if (_series.Contains((wearer, series)))
            return true;
        var isThere = connection.ExecuteScalar<long?>("""
            SELECT 1 FROM series JOIN wearer ON wearer.id = series.wearer
            WHERE wearer.name=@n AND device=@d AND signal=@g AND stat=@s AND source=@o
            """, new
            {
                n = wearer.ToString(), d = series.Device, g = (int)series.Signal, s = (int)series.Stat,
                o = series.Source,
            }) is not null;
        if (isThere)
        {
            if (_series.Count >= MostRemembered)
                _series.Clear();
            _series.Add((wearer, series));
        }

        return isThere;
    }

    HashSet<Series> FreshOf(WearerId wearer, Instant received)
    {
        var day = Ms.Of(received) / 86_400_000;
        // A clock that goes back begins no new day.
        if (day > _day)
        {
            _day = day;
            _fresh.Clear();
        }

        return _fresh.TryGetValue(wearer, out var fresh) ? fresh : _fresh[wearer] = [];
    }
}
