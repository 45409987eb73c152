namespace SpasmStream.Worker;

/// <summary>Reason codes that are given outside the decoder.</summary>
static class Reasons
{
    /// <summary>The publisher may not write for this wearer, or the wearer is not known here.</summary>
    public const string Unauthorised = "unauthorised";

    /// <summary>The payload names another wearer than the topic.</summary>
    public const string WearerMismatch = "person_mismatch";

    /// <summary>A kind or form that this version does not read yet; kept whole.</summary>
    public const string Unsupported = "unsupported";

    /// <summary>More user properties than anybody needs.</summary>
    public const string Properties = "properties";

    /// <summary>Said to be packed in a way we do not unpack, or not packed as it says.</summary>
    public const string Encoding = "encoding";

    /// <summary>Packed so that unpacking it would cost more than any message is worth.</summary>
    public const string Bomb = "bomb";

    /// <summary>One more wearer, device or series than there may be.</summary>
    public const string Cardinality = "cardinality";

    /// <summary>The samples of that hour are thinned: it cannot be told anew from a part of them.</summary>
    public const string BeyondRetention = "beyond_retention";
}
