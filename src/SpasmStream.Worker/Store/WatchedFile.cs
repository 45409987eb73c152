namespace SpasmStream.Worker.Store;

/// <summary>
/// A small file that other processes replace: tells when to read it again, by its stamp. A stamp that was
/// fresh when the file was read proves nothing, because a second change may bear the same.
/// </summary>
sealed class WatchedFile(string path, TimeProvider time)
{
    static readonly TimeSpan Coarse = TimeSpan.FromSeconds(2);

    (DateTime Written, long Length)? _seen;
    bool _wasFresh = true;

    /// <summary>Whether it may differ from what it was at the last call; true at the first.</summary>
    public bool MayHaveChanged()
    {
        var file = new FileInfo(path);
        (DateTime, long) stamp = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        if (stamp == _seen && !_wasFresh)
            return false;
        _seen = stamp;
        _wasFresh = time.GetUtcNow().UtcDateTime - stamp.Item1 < Coarse;
        return true;
    }
}
