namespace SpasmStream.Worker.Broker;

/// <summary>Who may connect, by what proof, and for whom.</summary>
/// <param name="User">User name; client ids are it, or it followed by a colon and a suffix.</param>
/// <param name="Rights">What it may publish and read.</param>
/// <param name="Hash">The password as it is kept; null when it stands in the configuration.</param>
/// <param name="Password">The password of the configuration; else null.</param>
/// <param name="Version">Another one after every change.</param>
sealed record Account(
    string User, TopicRights Rights, PasswordHash? Hash, string? Password, string Version = "");
