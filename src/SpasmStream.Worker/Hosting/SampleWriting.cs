using SpasmStream.Core.Signals;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Writes a sample as the message that would have said it, for a dead letter to be read again.
/// </summary>
static class SampleWriting
{
    public static SampleMessage Of(WearerId wearer, Sample sample) => new(
        $"spasmstream/v1/in/{wearer}/{sample.Series.Device}/{WireEncoder.KindOf(sample.Series.Signal)}",
        WireEncoder.Encode([sample]));
}
