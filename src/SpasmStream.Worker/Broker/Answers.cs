using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace SpasmStream.Worker.Broker;

/// <summary>What a device is told, in the codes of MQTT.</summary>
static class Answers
{
    public static MqttPubAckReasonCode To(string? reason) => reason switch
    {
        null => MqttPubAckReasonCode.Success,
        Reasons.Unauthorised or Reasons.WearerMismatch => MqttPubAckReasonCode.NotAuthorized,
        "topic" or "id" => MqttPubAckReasonCode.TopicNameInvalid,
        _ => MqttPubAckReasonCode.PayloadFormatInvalid,
    };

    // Older clients know fewer codes.
    public static MqttConnectReasonCode To(LoginEnd end, MqttProtocolVersion version) =>
        end switch
        {
            LoginEnd.Admitted => MqttConnectReasonCode.Success,
            LoginEnd.Wrong => MqttConnectReasonCode.BadUserNameOrPassword,
            LoginEnd.TooOften when version == MqttProtocolVersion.V500 =>
                MqttConnectReasonCode.ConnectionRateExceeded,
            _ => MqttConnectReasonCode.ServerUnavailable,
        };
}
