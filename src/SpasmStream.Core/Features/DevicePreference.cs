namespace SpasmStream.Core.Features;

/// <summary>The order in which a wearer trusts devices.</summary>
static class DevicePreference
{
    /// <summary>The place in the list; every unlisted device comes after the listed ones.</summary>
    public static int IndexOf(IReadOnlyList<string> preferredDevices, string device)
    {
        for (var i = 0; i < preferredDevices.Count; i++)
            if (string.Equals(preferredDevices[i], device, StringComparison.Ordinal))
                return i;
        return int.MaxValue;
    }
}
