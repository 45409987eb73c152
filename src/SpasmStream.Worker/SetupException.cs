namespace SpasmStream.Worker;

/// <summary>
/// Something in the set-up keeps us from starting; its message is one sentence for whoever set it up.
/// </summary>
sealed class SetupException(string message) : Exception(message);
