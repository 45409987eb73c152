using System.Net;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Worker.Hosting;

/// <summary>What in the settings of the embedded broker depends on each other.</summary>
static class BrokerCheck
{
    const int BytesPerSecondMin = 50_000;

    /// <param name="broker">Its settings.</param>
    /// <param name="listed">Whom its accounts may be for.</param>
    /// <param name="faults">Where what is wrong goes.</param>
    public static void Related(BrokerOptions broker, IReadOnlySet<string> listed, List<string> faults)
    {
        CheckDoors(broker, faults);
        for (var i = 0; i < broker.Accounts.Count; i++)
            CheckAccount(broker.Accounts[i], $"Broker:Accounts:{i}", listed, faults);
        foreach (var user in broker.Accounts.GroupBy(a => a.User).Where(g => g.Count() > 1))
            faults.Add($"Broker:Accounts: {user.Key} is there twice.");
    }

    static void CheckDoors(BrokerOptions broker, List<string> faults)
    {
        if (!IPAddress.TryParse(broker.Listen, out var address))
            faults.Add("Broker:Listen: this is no IP address such as 127.0.0.1 or 0.0.0.0.");
        else if (!IPAddress.IsLoopback(address) && broker.Certificate is null && !broker.AllowInsecureMqtt)
            faults.Add("Broker:Listen: other machines reach this address, so Broker:Certificate and "
                + "Broker:CertificateKey are needed; Broker:AllowInsecureMqtt=true lets everybody on the "
                + "network read passwords and health data.");
        if (broker.Certificate is null != (broker.CertificateKey is null))
            faults.Add("Broker:Certificate: a certificate and its key belong together.");
        if (broker.ClientCa is not null && broker.Certificate is null)
            faults.Add("Broker:ClientCa: devices show certificates only over TLS; set Broker:Certificate.");
        if (broker.Certificate is not null && broker.TlsPort == broker.Port)
            faults.Add("Broker:TlsPort: this is Broker:Port.");
        if (broker.ConnectionsPerAddress > broker.ConnectionsMax)
            faults.Add("Broker:ConnectionsPerAddress: this is more than Broker:ConnectionsMax.");
        // Ten seconds' worth must hold the longest packet, or it would wait for longer than anybody does.
        if (broker.BytesPerSecond is > 0 and < BytesPerSecondMin)
            faults.Add($"Broker:BytesPerSecond: give 0 for no limit, or at least {BytesPerSecondMin}.");
    }

    static void CheckAccount(
        BrokerAccount account, string path, IReadOnlySet<string> listed, List<string> faults)
    {
        if (account.User == InternalAccount.User || account.User.Contains(':'))
            faults.Add($"{path}:User: worker is reserved, and a colon may not stand in a user name.");
        if (string.IsNullOrEmpty(account.Password) == string.IsNullOrEmpty(account.PasswordHash))
            faults.Add($"{path}:Password: give either a Password or a PasswordHash.");
        if (account.PasswordHash is { Length: > 0 } hash && PasswordHash.Parse(hash) is null)
            faults.Add($"{path}:PasswordHash: this is not what 'spasmstream devices hash' prints.");
        foreach (var wearer in account.Wearers.Where(w => !listed.Contains(w)))
            faults.Add($"{path}:Wearers: nobody called {wearer} is listed.");
    }
}
