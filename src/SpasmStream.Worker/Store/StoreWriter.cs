using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Polly;

namespace SpasmStream.Worker.Store;

/// <summary>
/// The one writer: its own thread, the only writing connection. Jobs that wait together share one transaction
/// and one fsync; a job's task completes only after that commit. When a shared transaction fails, each of its
/// jobs is tried in one of its own, so that a job that cannot be done fails alone.
/// </summary>
sealed class StoreWriter : IDisposable
{
    const int JobsPerCommitMax = 64;
    static readonly TimeSpan LastJobs = TimeSpan.FromSeconds(1);

    readonly BlockingCollection<Job> _jobs = new(boundedCapacity: 1024);
    readonly SqliteConnection _connection;
    readonly WriteSession _session;
    readonly Checkpoints _checkpoints;
    readonly Thread _thread;
    readonly TimeProvider _time;
    readonly ResiliencePipeline _door;
    readonly Timings? _timings;
    long _beat;
    volatile bool _refused;
    int _callsRefused;
    volatile Exception? _ended;

    /// <param name="file">The file.</param>
    /// <param name="options">What it may hold.</param>
    /// <param name="time">Our own time.</param>
    /// <param name="door">What to do when a commit fails; nothing is tried again without one.</param>
    /// <param name="logger">Told when the log of commits cannot be written back.</param>
    /// <param name="timings">Told how long each commit took.</param>
    public StoreWriter(StoreFile file, StoreOptions options, TimeProvider time,
        ResiliencePipeline? door = null, ILogger<StoreWriter>? logger = null, Timings? timings = null)
    {
        _timings = timings;
        _door = door ?? ResiliencePipeline.Empty;
        _time = time;
        _connection = file.OpenWriter();
        ForwardTarget.Adopt(_connection, options.ForwardTarget);
        _session = new WriteSession(_connection, options, time);
        _checkpoints = new Checkpoints(_connection, logger);
        _beat = time.GetTimestamp();
        _thread = new Thread(Work) { IsBackground = true, Name = "store writer" };
        _thread.Start();
    }

    /// <summary>How long ago the writer was last seen to be alive.</summary>
    public TimeSpan SinceBeat => _time.GetElapsedTime(Volatile.Read(ref _beat));

    /// <summary>
    /// False while the file refuses commits: its disk is full or gone, or another program locks it. One that
    /// was refused counts until it is done or given up: beside it a small one may fit a full disk.
    /// </summary>
    public bool CanCommit => !_refused && Volatile.Read(ref _callsRefused) == 0;

    /// <summary>What writes the log back into the file, between commits.</summary>
    public Checkpoints Checkpoints => _checkpoints;

    /// <summary>Throws what ended the writer, if anything has: without one nothing can be kept.</summary>
    public void ThrowIfEnded()
    {
        if (_ended is { } fault)
            throw new InvalidOperationException("The store's writer has ended.", fault);
    }

    /// <summary>Runs a job inside a transaction; the result comes after the commit that holds it.</summary>
    public async Task<T> RunAsync<T>(Func<WriteSession, T> job, CancellationToken cancellationToken)
    {
        var call = new Call();
        try
        {
            return await _door.ExecuteAsync(
                async token => await RunOnceAsync(job, call, token), cancellationToken);
        }
        // What would be tried again is no fault to whoever has stopped waiting for it.
        catch (SqliteException fault) when (IsPassing(fault) && cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(fault.Message, fault, cancellationToken);
        }
        finally
        {
            if (call.IsRefused)
                Interlocked.Decrement(ref _callsRefused);
        }
    }

    Task<T> RunOnceAsync<T>(Func<WriteSession, T> job, Call call, CancellationToken cancellationToken)
    {
        ThrowIfEnded();
        var pending = new Job<T>(job, call, cancellationToken);
        _jobs.Add(pending, cancellationToken);
        return pending.Done;
    }

    /// <summary>
    /// Finishes the jobs that wait, then closes the file; a file that stays locked is left to the end.
    /// </summary>
    public void Dispose()
    {
        _jobs.CompleteAdding();
        if (!_thread.Join(LastJobs))
            return;
        _session.Dispose();
        _connection.Dispose();
        _jobs.Dispose();
    }

    void Work()
    {
        var together = new List<Job>(JobsPerCommitMax);
        try
        {
            Serve(together);
        }
        // Of a thread of ours nobody hears otherwise: whoever waits, and whoever comes, is told.
        catch (Exception fault)
        {
            _ended = fault;
            foreach (var job in together)
                job.Fail(fault);
            while (_jobs.TryTake(out var waiting))
                waiting.Fail(fault);
        }
    }

    void Serve(List<Job> together)
    {
        while (!_jobs.IsCompleted)
        {
            Volatile.Write(ref _beat, _time.GetTimestamp());
            Failpoint.Hit("loop_writer");
            if (!_jobs.TryTake(out var first, millisecondsTimeout: 1000))
            {
                _checkpoints.WhenIdle();
                continue;
            }

            together.Add(first);
            while (together.Count < JobsPerCommitMax && _jobs.TryTake(out var next))
                together.Add(next);

            // Only alone is a job told of its fault; one that waited in vain for its turn is not begun.
            together.RemoveAll(job => job.IsGivenUp());
            if (together.Count == 1 || Commit(together) is not null)
                foreach (var job in together)
                    if (Commit([job]) is { } fault)
                        Fail(job, fault);
            together.Clear();
            Volatile.Write(ref _beat, _time.GetTimestamp());
            _checkpoints.AfterCommit();
        }
    }

    // Counted before whoever called hears of it, so that no commit in between says that all is well.
    void Fail(Job job, Exception fault)
    {
        if (IsPassing(fault) && !job.Call.IsRefused)
        {
            job.Call.IsRefused = true;
            Interlocked.Increment(ref _callsRefused);
        }

        job.Fail(fault);
    }

    static bool IsPassing(Exception fault) =>
        fault is SqliteException refusal && StoreDoor.IsPassing(refusal);

    /// <summary>Null when all of them are in the file; else why none of them is.</summary>
    Exception? Commit(List<Job> jobs)
    {
        var began = _time.GetTimestamp();
        try
        {
            // Spelled out, because statements prepared once cannot follow an ADO.NET transaction object.
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var job in jobs)
                job.Run(_session);
            _session.Flush();
            _session.Execute("COMMIT");
            Failpoint.Hit("after_commit");
        }
        // Whoever waits for the job is told, and decides.
        catch (Exception fault)
        {
            _session.Discard();
            _refused |= IsPassing(fault);
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle!) == 0)
                _session.Execute("ROLLBACK");
            return fault;
        }

        _refused = false;
        _timings?.Committed(_time.GetElapsedTime(began));
        foreach (var job in jobs)
            job.Complete();
        return null;
    }

    /// <summary>What somebody asked for, however often it is tried.</summary>
    sealed class Call
    {
        /// <summary>Whether the file has refused it.</summary>
        public bool IsRefused { get; set; }
    }

    abstract class Job(Call call)
    {
        public Call Call { get; } = call;

        public abstract void Run(WriteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception fault);

        /// <summary>Whether whoever wanted it stopped waiting before it began.</summary>
        public abstract bool IsGivenUp();
    }

    sealed class Job<T>(Func<WriteSession, T> work, Call call, CancellationToken cancellationToken)
        : Job(call)
    {
        readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T _result = default!;

        public Task<T> Done => _done.Task;

        public override void Run(WriteSession session) => _result = work(session);

        public override void Complete() => _done.SetResult(_result);

        public override void Fail(Exception fault) => _done.TrySetException(fault);

        public override bool IsGivenUp() =>
            cancellationToken.IsCancellationRequested && _done.TrySetCanceled(cancellationToken);
    }
}
