using System.ComponentModel.DataAnnotations;
using System.Text;

namespace SpasmStream.Worker.Notify;

/// <summary>A web address that is told of alerts.</summary>
sealed class WebhookOptions
{
    const int SecretLeast = 16, SecretFileMost = 4096;

    /// <summary>
    /// The channel's name, 1 to 32 of a-z, 0-9, _ and -; logs show it, so no wearer's name belongs in it, and
    /// a new name is a new channel. The default is <c>webhook</c>.
    /// </summary>
    [Required]
    [RegularExpression("[a-z0-9_-]{1,32}",
        ErrorMessage = "1 to 32 characters of a-z, 0-9, _ and - are needed.")]
    public string Name { get; set; } = "webhook";

    /// <summary>Where to post to; https, or http for an allowed host.</summary>
    [Required]
    public string Url { get; set; } = "";

    /// <summary>
    /// What signs each message, 16 characters or more; better by environment or from a file. The default is
    /// none.
    /// </summary>
    [Secret]
    public string? Secret { get; set; }

    /// <summary>
    /// A file that holds the secret, in place of <see cref="Secret"/>. The default is none.
    /// </summary>
    public string? SecretFile { get; set; }

    /// <summary>
    /// Hosts, exactly as in <see cref="Url"/>, that may be private or spoken to without TLS. The default is
    /// none.
    /// </summary>
    public List<string> AllowedHosts { get; } = [];

    /// <summary>Whether chances, reasons and their values are sent along. The default is false.</summary>
    public bool IncludeDetails { get; set; }

    /// <summary>Whether wearers go by their name, not their pseudonym. The default is false.</summary>
    public bool IncludeWearer { get; set; }

    /// <summary>
    /// Whether every change of a risk window is sent, not alerts alone. The default is false.
    /// </summary>
    public bool AllChanges { get; set; }

    /// <summary>About whom. The default is everybody.</summary>
    public List<string> Wearers { get; } = [];

    /// <summary>What is wrong, each in one line that begins with the name of the setting.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var host in AllowedHosts)
            if (Uri.CheckHostName(host.Trim('[', ']')) == UriHostNameType.Unknown)
                yield return "AllowedHosts: a host alone belongs here, such as nas.lan or 192.168.1.20.";
        if (WebhookAddress.Fault(Url, AllowedHosts) is { } fault)
            yield return $"Url: {fault}";
        if (SecretFault() is { } secret)
            yield return secret;
    }

    /// <summary>The secret as it stands in the setting or the file.</summary>
    public byte[] ReadSecret() => Encoding.UTF8.GetBytes(
        SecretFile is { Length: > 0 } ? File.ReadAllText(SecretFile).TrimEnd('\r', '\n') : Secret ?? "");

    string? SecretFault()
    {
        var name = SecretFile is { Length: > 0 } ? nameof(SecretFile) : nameof(Secret);
        if (name == nameof(SecretFile) && Secret is { Length: > 0 })
            return "SecretFile: give either this or Secret.";
        try
        {
            if (name == nameof(SecretFile) && new FileInfo(SecretFile!).Length > SecretFileMost)
                return "SecretFile: the file is larger than 4 KiB, so it is no secret.";
            return ReadSecret().Length < SecretLeast
                ? $"{name}: {SecretLeast} characters or more are needed to sign with." : null;
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            return "SecretFile: the file cannot be read.";
        }
    }
}
