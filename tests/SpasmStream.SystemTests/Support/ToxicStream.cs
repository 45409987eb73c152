using System.IO.Pipelines;

namespace SpasmStream.SystemTests.Support;

/// <summary>A stream whose bytes go through toxics in both directions, without a socket of its own.</summary>
sealed class ToxicStream : Stream
{
    readonly Stream _inner;
    readonly Pipe _in = new();
    readonly Pipe _out = new();
    readonly Stream _reader;
    readonly Stream _writer;
    readonly CancellationTokenSource _stop = new();

    public ToxicStream(Stream inner, Toxics up, Toxics down, int seed = 1)
    {
        _inner = inner;
        (_reader, _writer) = (_in.Reader.AsStream(), _out.Writer.AsStream());
        _ = CarryAsync(new ToxicLine(inner, _in.Writer.AsStream(leaveOpen: true), down, seed));
        _ = CarryAsync(new ToxicLine(_out.Reader.AsStream(), inner, up, seed + 1));
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _reader.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _reader.ReadAsync(buffer, offset, count, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => _reader.Read(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken) =>
        _writer.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(
        byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _writer.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => _writer.Write(buffer, offset, count);

    public override void Flush() => _writer.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        _writer.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stop.Cancel();
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // However one direction ends, whoever reads or writes is told, as by a socket that was reset.
    async Task CarryAsync(ToxicLine line)
    {
        Exception? end = null;
        try
        {
            await line.RunAsync(_stop.Token);
        }
        catch (Exception fault)
        {
            end = fault;
        }

        await _in.Writer.CompleteAsync(end);
        await _out.Reader.CompleteAsync(end);
    }
}
