using System.Text;
using NodaTime;
using SpasmStream.Core.Risk;

namespace SpasmStream.Worker.Web;

/// <summary>
/// The strip as a handful of SVG paths on a 480 by 140 canvas, 8 wide a day. Height says the band as well as
/// colour does, and every mark has a shape of its own.
/// </summary>
sealed class StripDrawing
{
    public const int DayWidth = 8;
    public const int Width = StripDays * DayWidth;
    public const int Height = 140;
    public const int StripDays = 60;
    public const int Baseline = 92;

    const int MigraineLane = 108;
    const int SpasmLane = 128;

    readonly StringBuilder[] _bars = [new(), new(), new(), new(), new()];
    readonly StringBuilder _paused = new();
    readonly StringBuilder _alerts = new();
    readonly StringBuilder _migraines = new();
    readonly StringBuilder _spasms = new();
    readonly StringBuilder _stems = new();

    readonly List<StripHatch> _hatches = [];

    /// <summary>
    /// Draws the last sixty of <paramref name="days"/>, the newest at the right edge, and possible losses.
    /// </summary>
    public StripDrawing(IReadOnlyList<StripDay> days, IEnumerable<StripStretch> lost, DateTimeZone zone)
    {
        var first = Math.Max(0, days.Count - StripDays);
        var x = Width - (days.Count - first) * DayWidth;
        for (var i = first; i < days.Count; i++, x += DayWidth)
            Draw(days[i], x);
        if (days.Count > 0)
            foreach (var stretch in lost)
                Hatch(stretch, days[^1].Date, zone);
    }

    /// <summary>Stretches in which something may have been lost, hatched.</summary>
    public IReadOnlyList<StripHatch> Hatches => _hatches;

    public string Bars(Band band) => _bars[(int)band].ToString();

    public string Paused => _paused.ToString();

    public string Alerts => _alerts.ToString();

    public string Migraines => _migraines.ToString();

    public string Spasms => _spasms.ToString();

    public string Stems => _stems.ToString();

    void Draw(StripDay day, int x)
    {
        if (!day.AtRisk)
            _paused.Append($"M{x} {Baseline - 5}h8v5h-8z");
        else if (day.Morning is { } band)
            Bar(band, x);

        if (day.Alerted)
            _alerts.Append($"M{x - 2} 0h11l-5.5 11z");
        if (day.Migraines > 0)
            _migraines.Append($"M{x + 3.5} {MigraineLane - 8}l7 8-7 8-7-8z");
        if (day.Spasms > 0)
            _spasms.Append($"M{x - 1.5} {SpasmLane}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z");
        if (day.Preceded > 0)
            _stems.Append($"M{x - 3} {Height - 1}h13");
    }

    // Where a stretch lies to the hour; never so narrow that it cannot be seen. Neighbours become one mark.
    void Hatch(StripStretch stretch, LocalDate today, DateTimeZone zone)
    {
        const int narrowest = 3;
        const int longest = 400;
        var from = Math.Clamp(Place(stretch.Start, today, zone), 0, Width - narrowest);
        var to = Math.Min(Width, Math.Max(from + narrowest, Place(stretch.End, today, zone)));
        if (_hatches.Count > 0 && _hatches[^1] is var last && from <= last.X + last.Width)
        {
            to = Math.Max(to, last.X + last.Width);
            _hatches[^1] = new StripHatch(last.X, to - last.X,
                last.Title.Length < longest ? $"{last.Title}. {stretch.Title}" : last.Title);
            return;
        }

        _hatches.Add(new StripHatch(from, to - from, stretch.Title));
    }

    static int Place(Instant at, LocalDate today, DateTimeZone zone)
    {
        var local = at.InZone(zone);
        var days = Period.DaysBetween(today, local.Date) + StripDays - 1;
        return days * DayWidth + local.Hour * DayWidth / 24;
    }

    void Bar(Band band, int x)
    {
        var path = _bars[(int)band];
        if (band == Band.Unknown)
        {
            path.Append($"M{x + 1} {Baseline - 3}h5");
            return;
        }
        var height = band switch { Band.High => 74, Band.Raised => 54, Band.Usual => 28, _ => 12 };
        path.Append($"M{x} {Baseline}v-{height}h7v{height}z");
    }
}

/// <summary>A stretch to be hatched, and what it says when pointed at.</summary>
sealed record StripStretch(Instant Start, Instant End, string Title);

/// <summary>A hatched mark.</summary>
readonly record struct StripHatch(int X, int Width, string Title);
