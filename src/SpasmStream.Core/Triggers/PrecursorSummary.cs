namespace SpasmStream.Core.Triggers;

/// <summary>How windows and onsets met, both ways, against the time the windows took.</summary>
/// <param name="Onsets">Onsets in the record.</param>
/// <param name="OnsetsPreceded">Those with a window before them.</param>
/// <param name="Windows">Windows in the record.</param>
/// <param name="WindowsFollowed">Those with an onset after them.</param>
/// <param name="ShareOfTime">
/// Share of the record in which an onset would have counted as preceded: what blind windows would score.
/// </param>
public sealed record PrecursorSummary(
    int Onsets, int OnsetsPreceded, int Windows, int WindowsFollowed, double ShareOfTime)
{
    /// <summary>Share of onsets preceded; null without onsets.</summary>
    public double? ShareOfOnsets => Onsets == 0 ? null : (double)OnsetsPreceded / Onsets;

    /// <summary>Share of windows followed; null without windows.</summary>
    public double? ShareOfWindows => Windows == 0 ? null : (double)WindowsFollowed / Windows;
}
