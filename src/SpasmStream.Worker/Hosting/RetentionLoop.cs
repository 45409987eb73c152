using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Removes what is too old: dead letters every ten minutes, and once a day, at three in the night of this
/// machine or a minute after a start that comes later, samples and minutes.
/// </summary>
sealed partial class RetentionLoop(
    StoreWriter writer, Settings settings, ArrivalClock clock, DiskGauge disk, Heartbeats heartbeats,
    TimeProvider time, ILogger<RetentionLoop> logger) : BackgroundService
{
    const string Loop = "retention";
    static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);
    static readonly TimeSpan EvictionEvery = TimeSpan.FromMinutes(10);
    static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(1);
    static readonly TimeSpan HourOfTheDay = TimeSpan.FromHours(3);

    readonly StoreFile _file = StoreFile.WithoutPayloads(settings.Store.Directory);
    readonly DeadLetterSpace _space = new(new StoreFile(settings.Store.Directory), settings.Store);
    readonly SteadyClock _steady = new(time);

    Instant? _ran;
    bool _nothingToDrop;
    bool _waits;
    bool _isEmptied;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        var began = time.GetTimestamp();
        long? evicted = null;
        try
        {
            do
            {
                heartbeats.Beat(Loop);
                _steady.Look();
                if (evicted is not { } last || time.GetElapsedTime(last) >= EvictionEvery)
                {
                    evicted = time.GetTimestamp();
                    await heartbeats.WaitAsync(Loop, EvictAsync(stoppingToken));
                }

                await heartbeats.WaitAsync(Loop, ForwardAsync(stoppingToken));
                if (disk is { State: DiskState.Full, IsOfWaiting: false }
                    && settings.Store.WhenFull == "drop_oldest")
                    await heartbeats.WaitAsync(Loop, DropAsync(stoppingToken));
                // Under replay the sender's time rules, and by ours all of it may be old.
                if (!settings.Intake.Replay && time.GetElapsedTime(began) >= AfterStart
                    && IsDue(await heartbeats.WaitAsync(Loop, LastAsync(stoppingToken)),
                        time.GetLocalNow(), time.LocalTimeZone)
                    && MayThin())
                    await heartbeats.WaitAsync(Loop, RunAsync(stoppingToken));
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping between two slices: the next run goes on from the file.
        }
    }

    /// <summary>Whether it has been three in the night since the last run.</summary>
    public static bool IsDue(Instant? last, DateTimeOffset localNow, TimeZoneInfo zone)
    {
        if (last is not { } ran)
            return true;
        var now = localNow.DateTime;
        var due = (now.TimeOfDay >= HourOfTheDay ? now.Date : now.Date.AddDays(-1)) + HourOfTheDay;
        return TimeZoneInfo.ConvertTime(ran.ToDateTimeOffset(), zone).DateTime < due;
    }

    async Task<Instant?> LastAsync(CancellationToken stoppingToken) =>
        _ran ??= await writer.RunAsync(Retention.LastRun, stoppingToken);

    bool MayThin()
    {
        var may = _steady.Trusts(clock.Earlier(), _ran);
        if (!may && !_waits && _ran is { } last)
            Log.Waits(logger, last);
        else if (!may && !_waits)
            Log.WaitsFirst(logger);
        _waits = !may;
        return may;
    }

    async Task RunAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        // Asked beside the writer, because all that waits is looked through.
        var waiting = await Task.Run(Waiting, stoppingToken);
        var run = await writer.RunAsync(
            session => Retention.Begin(session, settings.Store, clock.Earlier(), waiting), stoppingToken);
        var removed = await run.WalkAsync(writer, time, stoppingToken);
        _ran = clock.Earlier();
        _steady.Ran(_ran.Value);
        await writer.RunAsync(session =>
        {
            run.Finish(session, _ran.Value);
            StoreUse.Note(session, _ran.Value);
            return true;
        }, stoppingToken);
        Log.Thinned(logger, removed, (long)time.GetElapsedTime(began).TotalSeconds);
    }

    long? Waiting()
    {
        using var reader = _file.OpenReader();
        return ForwardTarget.Waiting(reader);
    }

    /// <summary>What waits for InfluxDB goes when there is none, or too much of it when asked for.</summary>
    async Task ForwardAsync(CancellationToken stoppingToken)
    {
        if (settings.Store.ForwardTarget is null && !_isEmptied)
        {
            if (ForwardBacklog.Measure(_file, 0) is { Bytes: > 0 })
                await ForwardDrop.All().WalkAsync(writer, time, stoppingToken);
            _isEmptied = true;
        }
        else if (disk is { State: DiskState.Full, IsOfWaiting: true }
            && settings.Store is { ForwardTarget: not null, WhenFull: "drop_oldest" })
        {
            var points = await ForwardDrop.Oldest(settings.Store).WalkAsync(writer, time, stoppingToken);
            Log.GivenUp(logger, points);
        }
    }

    async Task DropAsync(CancellationToken stoppingToken)
    {
        if (await writer.RunAsync(session => Retention.BeginDrop(session, clock.Earlier()), stoppingToken)
            is not { } drop)
        {
            if (settings.Store.ForwardTarget is not null
                && await ForwardDrop.Some().WalkAsync(writer, time, stoppingToken) is > 0 and var points)
            {
                Log.GivenUp(logger, points);
                return;
            }

            if (!_nothingToDrop)
                Log.NothingToDrop(logger);
            _nothingToDrop = true;
            return;
        }

        _nothingToDrop = false;
        var removed = await drop.Run.WalkAsync(writer, time, stoppingToken);
        await writer.RunAsync(session =>
        {
            drop.Run.Finish(session, clock.Earlier());
            // The gap is there since it began; now it is known how many.
            GapTable.Record(session, GapCause.DiskFull, drop.Stretch.Start, drop.Stretch.End, removed);
            return true;
        }, stoppingToken);
        Log.Dropped(logger, removed);
    }

    async Task EvictAsync(CancellationToken stoppingToken)
    {
        var now = clock.Earlier();
        var isTrusted = _steady.Trusts(now, await LastAsync(stoppingToken));
        if (Eviction.Begin(settings.Store, isTrusted ? now : null, _space.Overflow()) is { } run)
            await run.WalkAsync(writer, time, stoppingToken);
    }

    static partial class Log
    {
        [LoggerMessage(213, LogLevel.Information,
            "{Rows} rows were too old and have been removed, in {Seconds} s.")]
        public static partial void Thinned(ILogger logger, long rows, long seconds);

        [LoggerMessage(216, LogLevel.Warning, "Nothing is removed by its age for now: this machine's clock "
            + "is more than a week after {Last}, when it last was. If the clock is right nothing need be "
            + "done: it is believed after a day without a step.")]
        public static partial void Waits(ILogger logger, Instant last);

        [LoggerMessage(217, LogLevel.Information, "What is too old is removed for the first time when this "
            + "machine's clock has gone for a day without a step.")]
        public static partial void WaitsFirst(ILogger logger);

        [LoggerMessage(214, LogLevel.Warning, "The disk is full: {Rows} samples of the oldest day have been "
            + "given up before their time, as Store:WhenFull says.")]
        public static partial void Dropped(ILogger logger, long rows);

        [LoggerMessage(220, LogLevel.Warning, "Too much waited for InfluxDB: the oldest {Points} points of "
            + "it have been given up, as Store:WhenFull says; they stay in the store.")]
        public static partial void GivenUp(ILogger logger, long points);

        [LoggerMessage(215, LogLevel.Error, "The disk is full, and no sample older than 35 days is left to "
            + "be given up. Free space on the disk of Store:Directory.")]
        public static partial void NothingToDrop(ILogger logger);
    }
}
