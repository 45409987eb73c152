using System.Globalization;
using System.Text;
using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Simulation;

/// <summary>
/// A database that takes lines, loses its answers, freezes and does the work later, asks to wait, and refuses
/// single lines. What it took it has.
/// </summary>
sealed class ModelInflux(World world)
{
    readonly List<Action> _frozen = [];
    InfluxFault _fault;
    TimeSpan _retryAfter;
    bool _hasDatabase = true;
    long _lastArrival;

    /// <summary>The value of each point, by all that tells it from others.</summary>
    public Dictionary<string, double> Points { get; } = [];

    /// <summary>Values of lines that were refused when they came alone.</summary>
    public HashSet<double> RefusedAlone { get; } = [];

    public void Trouble() => world.Often(world.Plan.InfluxFaults, () =>
    {
        if (_fault == InfluxFault.None)
            Begin();
    });

    public void Heal()
    {
        _fault = InfluxFault.None;
        world.Scheduler.Note(SimEvent.InfluxWell);
        foreach (var request in _frozen)
            request();
        _frozen.Clear();
    }

    /// <summary>A request is on its way; it is answered when it is, or never.</summary>
    public void Request(byte[] lines, Action<InfluxAnswer> answer) => Arrive(() =>
    {
        if (_fault == InfluxFault.Frozen)
            _frozen.Add(() => _ = Handle(lines));
        else if (_fault == InfluxFault.Killed && world.Numbers.Next(2) == 0)
            answer(new InfluxAnswer(0));
        else
            Answer(Handle(lines), answer);
    });

    public void Look(long at, Action<CanaryAnswer> answer) => Arrive(() =>
    {
        var told = _fault != InfluxFault.None ? CanaryAnswer.Unknown
            : Points.ContainsKey($"{LineTable.Canary} {at}") ? CanaryAnswer.Found : CanaryAnswer.Missing;
        world.Scheduler.After(world.About(world.Plan.InfluxMs), () => answer(told));
    });

    public void Create(Action<InfluxAnswer> answer) => Arrive(() =>
    {
        world.Scheduler.Note(SimEvent.Created);
        _hasDatabase = true;
        Answer(new InfluxAnswer(200), answer);
    });

    void Begin()
    {
        _fault = (InfluxFault)(1 + world.Numbers.Next(Enum.GetValues<InfluxFault>().Length - 1));
        _retryAfter = TimeSpan.FromSeconds(world.Numbers.Pick(7, 40, 1e9));
        _hasDatabase &= _fault != InfluxFault.NoDatabase;
        world.Scheduler.Note(SimEvent.InfluxFault, (long)_fault);
        world.Scheduler.After(world.Numbers.Between(TimeSpan.FromSeconds(2),
            TimeSpan.FromSeconds(world.Plan.InfluxFaultSeconds)), Heal);
    }

    // In order: what was sent first comes first.
    void Arrive(Action action)
    {
        _lastArrival = Math.Max(_lastArrival + 1,
            world.Scheduler.Now + world.About(world.Plan.InfluxMs).Ticks);
        world.Scheduler.After(TimeSpan.FromTicks(_lastArrival - world.Scheduler.Now), action);
    }

    void Answer(InfluxAnswer told, Action<InfluxAnswer> answer)
    {
        if (_fault == InfluxFault.AnswersLost)
            return;
        world.Scheduler.After(world.About(world.Plan.InfluxMs), () => answer(told));
    }

    InfluxAnswer Handle(byte[] lines)
    {
        switch (_fault)
        {
            case InfluxFault.Down or InfluxFault.Killed:
                return new InfluxAnswer(0);
            case InfluxFault.Busy:
                return new InfluxAnswer(world.Numbers.Pick(429, 503), _retryAfter);
            case InfluxFault.Unauthorised:
                return new InfluxAnswer(world.Numbers.Pick(401, 403));
            case InfluxFault.Ill:
                // Some of it may be there all the same.
                Keep(lines);
                return new InfluxAnswer(500, Text: "timeout");
            case InfluxFault.Foreign:
                return new InfluxAnswer(200, IsForeign: true);
        }

        if (!_hasDatabase)
            return new InfluxAnswer(404, Text: "database not found: \"spasmstream\"");
        if (world.Plan.BodyMax > 0 && lines.Length > world.Plan.BodyMax)
            return new InfluxAnswer(413);
        return Keep(lines) ? new InfluxAnswer(204)
            : new InfluxAnswer(400, Text: world.Plan.Seed % 2 == 0
                ? "unable to parse" : "partial write: field type conflict");
    }

    bool Keep(byte[] lines)
    {
        var read = Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(Read).ToList();
        var bad = read.Where(line => IsBad(line.Key, line.Value)).ToList();
        if (bad.Count == 1 && read.Count == 1)
            RefusedAlone.Add(bad[0].Value);
        // Some versions keep the good lines, others none.
        if (bad.Count == 0 || world.Plan.Seed % 2 == 1)
            foreach (var (key, value) in read)
                if (!IsBad(key, value))
                    Points[key] = value;
        world.Scheduler.Note(SimEvent.Applied, read.Count, bad.Count);
        return bad.Count == 0;
    }

    bool IsBad(string key, double value) => !key.StartsWith(LineTable.Canary, StringComparison.Ordinal)
        && ((world.Plan.BadOneIn > 0 && world.Ledger.SampleOf(value) % world.Plan.BadOneIn == 3)
            || _fault == InfluxFault.OtherTypes);

    static (string Key, double Value) Read(string line)
    {
        var parts = line.Split(' ');
        if (parts is not [var series, var fields, var at])
            throw new SimulationException($"A line of {parts.Length} parts.");
        var value = fields.Split(',').Single(field => field.StartsWith("value=", StringComparison.Ordinal));
        return ($"{series} {at}", double.Parse(value["value=".Length..], CultureInfo.InvariantCulture));
    }
}

/// <summary>What can be the matter with the database.</summary>
enum InfluxFault
{
    None,
    Down,
    Killed,
    Frozen,
    AnswersLost,
    Busy,
    Unauthorised,
    Ill,
    Foreign,
    NoDatabase,
    OtherTypes,
}
