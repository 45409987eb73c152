using System.Text.Json;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// The accounts made by <c>devices add</c>: a file of their own beside the store, because commands write it
/// while the worker holds the store.
/// </summary>
sealed class AccountFile(string directory)
{
    const string Format = "spasmstream-accounts-1";

    public string Path { get; } = System.IO.Path.Combine(directory, "accounts.json");

    /// <summary>
    /// All accounts, none when there is no file; <see cref="SetupException"/> names a fault.
    /// </summary>
    public IReadOnlyList<StoredAccount> Read()
    {
        try
        {
            if (!File.Exists(Path))
                return [];
            var content = Json.Read<Content>(File.ReadAllText(Path));
            if (content.Format != Format || content.Accounts is null)
                throw new InvalidDataException("it is not a file of accounts that this program knows.");
            // JSON says null where nobody may: an account, or a list in one.
            if (content.Accounts.FindIndex(a => a?.Wearers is null || a.ToAccount("") is null)
                is var wrong and >= 0)
                throw new InvalidDataException($"account number {wrong + 1} is not as it was written.");
            if (content.Accounts.DistinctBy(a => a.User).Count() < content.Accounts.Count)
                throw new InvalidDataException("an account is there twice.");
            return content.Accounts;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
            or InvalidDataException or JsonException or ArgumentException)
        {
            throw new SetupException($"The accounts in {Path} cannot be read: {fault.Message} "
                + "Put back a copy of the file, or move it away and make the accounts again.");
        }
    }

    /// <summary>Takes away what others may do with it.</summary>
    public void Close() => OwnerFile.Close(Path);

    /// <summary>Changes the accounts; gives back what the change answers, once it is written.</summary>
    public T Change<T>(Func<List<StoredAccount>, T> change)
    {
        using var held = OwnerFile.Hold(Path);
        var accounts = Read().ToList();
        var answer = change(accounts);
        OwnerFile.Write(Path, Json.Write(new Content(Format, accounts)) + "\n");
        return answer;
    }

    sealed record Content(string Format, List<StoredAccount>? Accounts);
}
