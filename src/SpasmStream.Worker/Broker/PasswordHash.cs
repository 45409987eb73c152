using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// A password as it is kept: <c>pbkdf2-sha256$ITERATIONS$SALT$HASH</c>, salt and hash in base64.
/// </summary>
sealed class PasswordHash
{
    public const int IterationsMin = 600_000;
    const int IterationsMax = 10_000_000;
    const int SaltBytes = 16;
    const int HashBytes = 32;
    const string Scheme = "pbkdf2-sha256";

    readonly int _iterations;
    readonly byte[] _salt;
    readonly byte[] _hash;

    PasswordHash(int iterations, byte[] salt, byte[] hash) =>
        (_iterations, _salt, _hash) = (iterations, salt, hash);

    public static PasswordHash Make(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new PasswordHash(IterationsMin, salt, Derive(password, salt, IterationsMin));
    }

    /// <summary>One that no password fits: what an unknown user is checked against.</summary>
    public static PasswordHash OfNobody() => new(IterationsMin,
        RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    /// <summary>Null when the text is not of this form, or too weak to keep a password.</summary>
    public static PasswordHash? Parse(string? text)
    {
        if (text?.Split('$') is not [Scheme, var count, var salt, var hash]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            || iterations is < IterationsMin or > IterationsMax)
            return null;
        var (saltBytes, hashBytes) = (Bytes(salt), Bytes(hash));
        return saltBytes is { Length: >= SaltBytes } && hashBytes is { Length: HashBytes }
            ? new PasswordHash(iterations, saltBytes, hashBytes) : null;
    }

    /// <summary>Whether the password fits; costs about a tenth of a second of one core.</summary>
    public bool Fits(string password) =>
        CryptographicOperations.FixedTimeEquals(Derive(password, _salt, _iterations), _hash);

    public override string ToString() =>
        $"{Scheme}${_iterations}${Convert.ToBase64String(_salt)}${Convert.ToBase64String(_hash)}";

    static byte[] Derive(string password, byte[] salt, int iterations) => Rfc2898DeriveBytes.Pbkdf2(
        Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, HashBytes);

    static byte[]? Bytes(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : null;
    }
}
