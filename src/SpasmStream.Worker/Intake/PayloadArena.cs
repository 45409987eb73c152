namespace SpasmStream.Worker.Intake;

/// <summary>Room for payloads: small ones share an array, which lives as long as one of them does.</summary>
sealed class PayloadArena
{
    const int ChunkBytes = 64 * 1024;
    const int SharedMax = 4 * 1024;

    byte[] _chunk = [];
    int _used;

    /// <summary>A copy of its own.</summary>
    public ReadOnlyMemory<byte> Keep(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > SharedMax)
            return payload.ToArray();
        if (payload.Length > _chunk.Length - _used)
            (_chunk, _used) = (GC.AllocateUninitializedArray<byte>(ChunkBytes), 0);
        var kept = _chunk.AsMemory(_used, payload.Length);
        payload.CopyTo(kept.Span);
        _used += payload.Length;
        return kept;
    }
}
