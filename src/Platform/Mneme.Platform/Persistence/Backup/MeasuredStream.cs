using System.Security.Cryptography;

namespace Mneme.Platform.Persistence.Backup;

/// <summary>
/// Reads exactly as many bytes as were announced, hashing them on the way. A file that grows meanwhile is cut there, one that shrinks is an
/// error, because the archive has already promised its size.
/// </summary>
internal sealed class MeasuredStream(Stream inner, long length, string name, Action<int> read, CancellationToken ct) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _done;

    public override bool CanRead => true;

    public override bool CanSeek => true; // the archive's writer asks for length and position; it never moves

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _done;
        set => throw new NotSupportedException();
    }

    public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public override int Read(Span<byte> buffer)
    {
        ct.ThrowIfCancellationRequested();
        var wanted = (int)Math.Min(buffer.Length, length - _done);
        if (wanted == 0) return 0;
        var count = inner.Read(buffer[..wanted]);
        if (count == 0) throw new BackupException($"{name} became shorter while it was being read: try again.");
        _hash.AppendData(buffer[..count]);
        _done += count;
        read(count);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer.AsSpan(offset, count)));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}
