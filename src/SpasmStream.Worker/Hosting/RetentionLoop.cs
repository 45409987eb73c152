using NodaTime;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Removes what is too old: dead letters every ten minutes, and once a day, at three in the night of this
/// machine or a minute after a start that comes later, samples and minutes.
/// </summary>
sealed partial class RetentionLoop(
    StoreWriter writer, Settings settings, ArrivalClock clock, DiskGauge disk, TimeProvider time,
    ILogger<RetentionLoop> logger) : BackgroundService
{
    static readonly TimeSpan Tick = TimeSpan.FromSeconds(10);
    static readonly TimeSpan EvictionEvery = TimeSpan.FromMinutes(10);
    static readonly TimeSpan AfterStart = TimeSpan.FromMinutes(1);
    static readonly TimeSpan HourOfTheDay = TimeSpan.FromHours(3);

    Instant? _ran;
    bool _nothingToDrop;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        var began = time.GetTimestamp();
        long? evicted = null;
        try
        {
            do
            {
                if (evicted is not { } last || time.GetElapsedTime(last) >= EvictionEvery)
                {
                    evicted = time.GetTimestamp();
                    await writer.RunAsync(Evict, stoppingToken);
                }

                if (disk.State == DiskState.Full && settings.Store.WhenFull == "drop_oldest")
                    await DropAsync(stoppingToken);
                // Under replay the sender's time rules, and by ours all of it may be old.
                if (!settings.Intake.Replay && time.GetElapsedTime(began) >= AfterStart
                    && IsDue(_ran ??= await writer.RunAsync(Retention.LastRun, stoppingToken),
                        time.GetLocalNow(), time.LocalTimeZone))
                    await RunAsync(stoppingToken);
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

    async Task RunAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        var run = await writer.RunAsync(
            session => Retention.Begin(session, settings.Store, clock.Now()), stoppingToken);
        var removed = await run.WalkAsync(writer, time, stoppingToken);
        _ran = clock.Now();
        await writer.RunAsync(session =>
        {
            run.Finish(session, _ran.Value);
            StoreUse.Note(session, _ran.Value);
            return true;
        }, stoppingToken);
        Log.Thinned(logger, removed, (long)time.GetElapsedTime(began).TotalSeconds);
    }

    async Task DropAsync(CancellationToken stoppingToken)
    {
        if (await writer.RunAsync(session => Retention.BeginDrop(session, clock.Now()), stoppingToken)
            is not { } drop)
        {
            if (!_nothingToDrop)
                Log.NothingToDrop(logger);
            _nothingToDrop = true;
            return;
        }

        _nothingToDrop = false;
        var removed = await drop.Run.WalkAsync(writer, time, stoppingToken);
        await writer.RunAsync(session =>
        {
            drop.Run.Finish(session, clock.Now());
            return session.Execute(
                "INSERT INTO gap(cause, start, end, lost) VALUES('disk_full', $s, $e, $l)",
                ("$s", Ms.Of(drop.Stretch.Start)), ("$e", Ms.Of(drop.Stretch.End)), ("$l", removed));
        }, stoppingToken);
        Log.Dropped(logger, removed);
    }

    int Evict(WriteSession session)
    {
        var evicted = session.DeadLetters.Evict(clock.Now());
        session.Count(Counter.DeadLettersEvicted, evicted);
        session.MessageKeys.Evict(clock.Now());
        return evicted;
    }

    static partial class Log
    {
        [LoggerMessage(213, LogLevel.Information,
            "{Rows} rows were too old and have been removed, in {Seconds} s.")]
        public static partial void Thinned(ILogger logger, long rows, long seconds);

        [LoggerMessage(214, LogLevel.Warning, "The disk is full: {Rows} samples of the oldest day have been "
            + "given up before their time, as Store:WhenFull says.")]
        public static partial void Dropped(ILogger logger, long rows);

        [LoggerMessage(215, LogLevel.Error, "The disk is full, and no sample older than 35 days is left to "
            + "be given up. Free space on the disk of Store:Directory.")]
        public static partial void NothingToDrop(ILogger logger);
    }
}
