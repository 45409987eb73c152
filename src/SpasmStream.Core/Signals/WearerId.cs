namespace SpasmStream.Core.Signals;

/// <summary>The name of a wearer in topics and stores: 1 to 64 of <c>a-z 0-9 _ -</c>.</summary>
public readonly record struct WearerId
{
    readonly string? _text;

    /// <summary>
    /// Checks the alphabet once; throws <see cref="ArgumentException"/> when it does not hold.
    /// </summary>
    public WearerId(string text)
    {
        if (!IsValid(text))
            throw new ArgumentException(
                "A wearer id is 1 to 64 characters of a-z, 0-9, _ and -.", nameof(text));
        _text = text;
    }

    /// <summary>
    /// Whether <paramref name="text"/> may name a wearer (or a device: they share the alphabet).
    /// </summary>
    public static bool IsValid(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > 64)
            return false;
        foreach (var c in text)
            if (c is not ((>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-'))
                return false;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _text ?? "";
}
