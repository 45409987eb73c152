using System.Security.Cryptography;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>A file of ours as its manifest names it.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Rows">Rows or messages in it; null where that means nothing.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its hash, in lower-case hexadecimal digits.</param>
sealed record ManifestFile(string Name, long? Rows, long Bytes, string Sha256);

/// <summary>A new file for its owner only, hashed while it is written.</summary>
sealed class HashedFile : IDisposable
{
    const int Buffer = 1 << 16;

    readonly FileStream _file;
    readonly SHA256 _hash = SHA256.Create();
    readonly CryptoStream _through;
    readonly string _name;

    public HashedFile(string folder, string name)
    {
        _name = name;
        _file = OwnerOnly.Create(Path.Combine(folder, name), Buffer);
        _through = new CryptoStream(_file, _hash, CryptoStreamMode.Write, leaveOpen: true);
    }

    public Stream Stream => _through;

    /// <summary>Takes it to the disk and tells what was written.</summary>
    public ManifestFile Finish(long? rows)
    {
        _through.FlushFinalBlock();
        _file.Flush(flushToDisk: true);
        return new ManifestFile(_name, rows, _file.Length, Convert.ToHexStringLower(_hash.Hash!));
    }

    public void Dispose()
    {
        _through.Dispose();
        _file.Dispose();
        _hash.Dispose();
    }

    /// <summary>The hash of a file that is there.</summary>
    public static string HashOf(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
