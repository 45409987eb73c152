using System.Security.Cryptography;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The account that is there when none is named: its password is made once and stands in a file that only
/// its owner may read, beside the store.
/// </summary>
static class GatewayAccount
{
    public const string User = "gateway";

    public static string PathIn(string directory) => Path.Combine(directory, "broker-password");

    /// <summary>The account with the password on file; a file that is missing or empty is made.</summary>
    public static BrokerAccount Open(string directory)
    {
        var path = PathIn(directory);
        try
        {
            var password = Read(path);
            if (password.Length == 0)
            {
                password = RandomNumberGenerator.GetHexString(32, lowercase: true);
                OwnerFile.Write(path, password + "\n");
            }

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
        OwnerFile.Close(path);
        return File.ReadAllText(path).Trim();
    }
}
