namespace SpasmStream.Worker.Intake;

/// <summary>
/// The socket's stream with a tap: it stops reading while too much is received and not yet committed. The
/// library's own inbound queue has no limit, so this is the only place where a broker can be held back.
/// It reads in large pieces, because the library asks for a few bytes at a time.
/// </summary>
sealed class TapStream(Stream inner, DeliveryQueue queue, LineWatch watch) : Stream
{
    readonly byte[] _buffer = new byte[64 * 1024];
    int _start;
    int _end;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end)
        {
            watch.StopListening();
            await queue.WaitForRoomAsync().WaitAsync(cancellationToken);
            watch.Hear();
            if (buffer.Length >= _buffer.Length)
                return await inner.ReadAsync(buffer, cancellationToken);
            (_start, _end) = (0, await inner.ReadAsync(_buffer, cancellationToken));
        }

        var taken = Math.Min(buffer.Length, _end - _start);
        _buffer.AsSpan(_start, taken).CopyTo(buffer.Span);
        _start += taken;
        return taken;
    }

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The tap is read asynchronously only.");

    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
