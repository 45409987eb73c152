using MQTTnet.Exceptions;

namespace SpasmStream.Worker.Intake;

/// <summary>The lengths of MQTT: seven bits a byte, the low ones first, four bytes at most.</summary>
static class VariableLength
{
    const int DigitsMax = 4;

    /// <summary>False when there are too few bytes as yet; throws when it is no length.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out int length, out int digits)
    {
        (length, digits) = (0, 0);
        while (digits < bytes.Length)
        {
            var digit = bytes[digits];
            length |= (digit & 0x7F) << (7 * digits++);
            if (digit < 0x80)
                return true;
            if (digits == DigitsMax)
                throw Broken("a length of more than four bytes");
        }

        return false;
    }

    /// <summary>What ends a connection: the broker broke the protocol.</summary>
    public static MqttProtocolViolationException Broken(string what) => new($"The broker sent {what}.");
}
