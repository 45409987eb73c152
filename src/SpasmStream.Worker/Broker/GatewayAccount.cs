using System.Security.Cryptography;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The account that is there when none is named: its password is made once and stands in a file that only
/// its owner may read, beside the store.
/// </summary>
static class GatewayAccount
{
    public const string User = "gateway";
    const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static string PathIn(string directory) => Path.Combine(directory, "broker-password");

    /// <summary>The account with the password on file; a file that is missing or empty is made.</summary>
    public static BrokerAccount Open(string directory)
    {
        var path = PathIn(directory);
        try
        {
            var password = Read(path);
            if (password.Length == 0)
                Write(path, password = RandomNumberGenerator.GetHexString(32, lowercase: true));
            return new BrokerAccount { User = User, Password = password, Gateway = true };
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The broker's password {path} cannot be kept: {fault.Message} "
                + "Give Store:Directory a folder this user may write to, or name Broker:Accounts.");
        }
    }

    static string Read(string path)
    {
        if (!File.Exists(path))
            return "";
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
            File.SetUnixFileMode(path, OwnerOnly);
        return File.ReadAllText(path).Trim();
    }

    // Beside it and then renamed: a crash leaves the old file or the new one, and no moment of open reading.
    static void Write(string path, string password)
    {
        var fresh = path + ".new";
        File.Delete(fresh);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(fresh, options))
        {
            stream.Write(System.Text.Encoding.ASCII.GetBytes(password + "\n"));
            stream.Flush(flushToDisk: true);
        }

        File.Move(fresh, path, overwrite: true);
    }
}
