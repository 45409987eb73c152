namespace SpasmStream.Simulators.Publishing;

/// <summary>
/// The broker did not answer in time, or will not have us; the message is for the operator.
/// </summary>
sealed class BrokerUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
