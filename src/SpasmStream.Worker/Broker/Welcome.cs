using System.Net;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace SpasmStream.Worker.Broker;

/// <summary>
/// Decides on a CONNECT: who it is, whether the client id is theirs, and whether there is room.
/// </summary>
sealed partial class Welcome(
    BrokerDoor door, Login login, Connections connections, Paces paces, Turns turns,
    SecurityJournal journal, Quiet quiet, ILogger logger, bool asksCertificates,
    Func<string, MqttDisconnectReasonCode, Task> drop)
{
    public async Task ValidateAsync(ValidatingConnectionEventArgs connection)
    {
        connection.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
        if (door.CallerOf(connection.ChannelAdapter) is not { } caller)
            return;
        door.Seats.Hear(caller);
        var remote = connection.RemoteEndPoint as IPEndPoint;
        var certified = asksCertificates && connection.ClientCertificate is { } certificate
            ? ClientCertificates.Names(certificate) : null;
        var (end, account) = await login.AskAsync(connection.UserName, connection.Password,
            remote?.Address.ToString() ?? "", certified, connection.CancellationToken);
        connection.ReasonCode = Answers.To(end, connection.ProtocolVersion);
        if (account is not null)
            await NameAsync(connection, caller, account);
        if (connection.ReasonCode != MqttConnectReasonCode.Success && quiet.Admit("refused", out var leftOut))
            Log.Refused(logger, connection.ReasonCode, leftOut);
    }

    async Task NameAsync(ValidatingConnectionEventArgs connection, Caller caller, Account account)
    {
        var isNew = connection.ProtocolVersion == MqttProtocolVersion.V500;
        var clientId = connection.ClientId;
        // Whoever names no session cannot come back to it, so there must be none to come back to.
        if (string.IsNullOrEmpty(clientId) && connection.SessionExpiryInterval == 0 && isNew)
            connection.AssignedClientIdentifier = clientId = ClientId.Make(account.User);
        if (!ClientId.Belongs(clientId, account.User))
        {
            connection.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
            journal.Write("denied", account, "client id");
            return;
        }

        if (!await turns.TakeAsync(clientId, caller,
            () => drop(clientId, MqttDisconnectReasonCode.SessionTakenOver)))
        {
            connection.ReasonCode = MqttConnectReasonCode.ServerUnavailable;
            return;
        }

        var isOwn = account.User == InternalAccount.User;
        if (isOwn)
            door.Seats.SeatOwn(caller);
        else if (!door.Seats.TrySeat(caller))
        {
            connection.ReasonCode = isNew
                ? MqttConnectReasonCode.QuotaExceeded : MqttConnectReasonCode.ServerUnavailable;
            journal.Write("refused", account, "connections");
            return;
        }

        caller.Channel!.Admit(isOwn ? null : paces.Of(clientId),
            () => drop(clientId, MqttDisconnectReasonCode.QuotaExceeded));
        connections.Add(clientId, account.User, connection.RemoteEndPoint, isNew,
            connection.KeepAlivePeriod ?? 0);
    }

    static partial class Log
    {
        [LoggerMessage(111, LogLevel.Warning,
            "A connection to the embedded broker was refused: {Reason} ({LeftOut} more were not told).")]
        public static partial void Refused(ILogger logger, MqttConnectReasonCode reason, long leftOut);
    }
}
