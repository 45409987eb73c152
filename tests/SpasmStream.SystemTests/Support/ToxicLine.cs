using System.Threading.Channels;

namespace SpasmStream.SystemTests.Support;

/// <summary>The line was cut by its toxics.</summary>
sealed class LineCutException : IOException;

/// <summary>One direction of one connection: bytes from a stream to another, through the toxics.</summary>
sealed class ToxicLine(
    Stream source, Stream target, Toxics toxics, int seed, Action<ReadOnlyMemory<byte>>? passed = null)
{
    const int PieceBytes = 16 * 1024;
    const int PiecesOnTheWay = 64;

    readonly Random _random = new(seed);
    readonly TimeProvider _time = TimeProvider.System;
    readonly Channel<(long Due, byte[] Bytes)> _way =
        Channel.CreateBounded<(long Due, byte[] Bytes)>(PiecesOnTheWay);
    long _total;
    long _budgetFrom;
    long _budgetUsed;

    /// <summary>
    /// Until the source ends; throws what a stream throws, and <see cref="LineCutException"/> at a cut.
    /// </summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var reading = ReadAsync(stop);
        await foreach (var (due, bytes) in _way.Reader.ReadAllAsync(stop))
        {
            if (TimeSpan.FromTicks(due - Now()) is { Ticks: > 0 } wait)
                await Task.Delay(wait, stop);
            await toxics.ThroughAsync().WaitAsync(stop);
            await PassAsync(bytes, stop);
        }

        await reading;
    }

    async Task ReadAsync(CancellationToken stop)
    {
        var buffer = new byte[PieceBytes];
        var last = 0L;
        try
        {
            for (int read; (read = await source.ReadAsync(buffer, stop)) > 0;)
            {
                var delay = toxics.Latency + (toxics.Jitter > 0 ? _random.Next(toxics.Jitter) : 0);
                last = Math.Max(last, Now() + delay * TimeSpan.TicksPerMillisecond);
                await _way.Writer.WriteAsync((last, buffer[..read]), stop);
            }

            _way.Writer.Complete();
        }
        catch (Exception fault)
        {
            _way.Writer.Complete(fault);
        }
    }

    async Task PassAsync(byte[] bytes, CancellationToken stop)
    {
        if (toxics.FlipAt - _total is var at and >= 0 && at < bytes.Length)
            bytes[at] ^= (byte)(1 << _random.Next(8));
        var cut = toxics.CutAfter is var after and >= 0 ? Math.Max(0, after - _total) : long.MaxValue;
        var left = bytes.AsMemory(0, (int)Math.Min(bytes.Length, cut));
        while (left.Length > 0)
        {
            var most = toxics.OneByte ? 1 : toxics.BytesPerSecond > 0 ? 1024 : left.Length;
            var piece = left[..Math.Min(most, left.Length)];
            await target.WriteAsync(piece, stop);
            await target.FlushAsync(stop);
            _total += piece.Length;
            passed?.Invoke(piece);
            left = left[piece.Length..];
            await ThrottleAsync(piece.Length, stop);
        }

        if (cut <= bytes.Length)
        {
            toxics.CutAfter = -1;
            throw new LineCutException();
        }
    }

    // Bytes are let through ahead of their time by a twentieth of a second: a timer is no finer.
    async Task ThrottleAsync(int bytes, CancellationToken stop)
    {
        if (toxics.BytesPerSecond is not (> 0 and var rate))
            return;
        if (_budgetUsed == 0)
            _budgetFrom = Now();
        _budgetUsed += bytes;
        var due = _budgetFrom + _budgetUsed * TimeSpan.TicksPerSecond / rate;
        if (TimeSpan.FromTicks(due - Now()) is { TotalMilliseconds: > 50 } wait)
            await Task.Delay(wait, stop);
        if (due < Now() - TimeSpan.TicksPerSecond)
            _budgetUsed = 0;
    }

    long Now() => _time.GetElapsedTime(0).Ticks;
}
