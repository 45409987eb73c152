using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker.Store;

/// <summary>
/// A key for payloads, from a file of its own. What it seals is a version byte, the key's id, a nonce, the
/// ciphertext and its tag (AES-256-GCM), bound to the table and to the hash of the clear bytes, so that no
/// row's payload passes for another's.
/// </summary>
/// <remarks>
/// No UTF-8 text begins with the version byte. Refused messages may be any bytes, so a payload is sealed only
/// when its tag fits too, which nobody can make up without the key.
/// </remarks>
sealed class PayloadKey
{
    const int SecretLength = 32, IdLength = 8, NonceLength = 12, TagLength = 16;
    const int HeadLength = 1 + IdLength + NonceLength;
    const int LongestFile = 4096;
    const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The first byte of what is sealed.</summary>
    public const byte Version = 0xC1;

    readonly byte[] _cipher;

    PayloadKey(byte[] secret)
    {
        _cipher = Derive(secret, "spasmstream payload");
        Check = Derive(secret, "spasmstream payload key check");
    }

    /// <summary>Tells the key from others, and nothing about it; its beginning is the key's id.</summary>
    public byte[] Check { get; }

    /// <summary>Reads a key file; <see cref="SetupException"/> when it is none.</summary>
    public static PayloadKey Read(string path)
    {
        var (secret, fault) = Load(path);
        return secret is null ? throw new SetupException(fault) : new PayloadKey(secret);
    }

    /// <summary>What keeps a file from being used as a key; null when nothing does.</summary>
    public static string? Fault(string path) => Load(path) is (null, var fault) ? fault : null;

    /// <summary>Makes a key file, for its owner only, and sees it safe on the disk.</summary>
    public static PayloadKey Make(string path)
    {
        path = Path.GetFullPath(path);
        if (File.Exists(path))
            throw new SetupException($"{path} is there already.");
        StoreFile.PrepareDirectory(Path.GetDirectoryName(path)!);
        var secret = RandomNumberGenerator.GetBytes(SecretLength);
        OwnerFile.Write(path, Convert.ToBase64String(secret) + "\n");
        // Once more after the renaming: what it encrypts must not reach the disk before its name does.
        using (var named = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
            named.Flush(flushToDisk: true);
        return Read(path);
    }

    public byte[] Seal(string table, byte[] hash, byte[] clear)
    {
        var stored = new byte[HeadLength + clear.Length + TagLength];
        stored[0] = Version;
        Check.AsSpan(0, IdLength).CopyTo(stored.AsSpan(1));
        var nonce = stored.AsSpan(1 + IdLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_cipher, TagLength);
        aes.Encrypt(nonce, clear, stored.AsSpan(HeadLength, clear.Length), stored.AsSpan()[^TagLength..],
            Bound(table, hash));
        return stored;
    }

    /// <summary>The clear bytes; null when this key has not sealed them for this row.</summary>
    public byte[]? Open(string table, byte[] hash, byte[] stored)
    {
        if (!Bears(stored))
            return null;
        var clear = new byte[stored.Length - HeadLength - TagLength];
        using var aes = new AesGcm(_cipher, TagLength);
        try
        {
            aes.Decrypt(stored.AsSpan(1 + IdLength, NonceLength), stored.AsSpan(HeadLength, clear.Length),
                stored.AsSpan()[^TagLength..], clear, Bound(table, hash));
            return clear;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Whether the bytes say that this key has sealed them.</summary>
    public bool Bears(ReadOnlySpan<byte> stored) => stored.Length >= HeadLength + TagLength
        && stored[0] == Version && stored[1..(1 + IdLength)].SequenceEqual(Check.AsSpan(0, IdLength));

    static byte[] Derive(byte[] secret, string purpose) => HKDF.DeriveKey(
        HashAlgorithmName.SHA256, secret, SecretLength, info: Encoding.UTF8.GetBytes(purpose));

    static byte[] Bound(string table, byte[] hash) => [.. Encoding.UTF8.GetBytes(table), 0, .. hash];

    static (byte[]? Secret, string Fault) Load(string path)
    {
        try
        {
            if (!File.Exists(path))
                return (null, $"There is no key file {path}; spasmstream rotate-key --new-key-file makes "
                    + "one, before it is set here.");
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
                return (null, $"The key file {path} is open to other users of this machine: chmod 600 it.");
            var secret = new byte[SecretLength];
            return new FileInfo(path).Length <= LongestFile
                && Convert.TryFromBase64String(File.ReadAllText(path).Trim(), secret, out var length)
                && length == SecretLength
                ? (secret, "") : (null, $"{path} is no key file: it must hold 32 random bytes as base64.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, $"The key file {path} cannot be read: {fault.Message}");
        }
    }
}
