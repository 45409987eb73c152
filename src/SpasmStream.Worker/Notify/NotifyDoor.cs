using Microsoft.Extensions.Logging.Abstractions;
using Polly;

namespace SpasmStream.Worker.Notify;

/// <summary>
/// The door of one channel: an attempt ends within its limit, whatever the channel does, and is measured.
/// When the next one is due stands in the outbox, where a restart finds it.
/// </summary>
static class NotifyDoor
{
    /// <summary>Beyond what every channel allows itself.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static ResiliencePipeline Build(string channel, TimeProvider time) =>
        new ResiliencePipelineBuilder { Name = "notify", InstanceName = channel, TimeProvider = time }
            // Metrics alone: what there is to say the dispatcher says.
            .ConfigureTelemetry(NullLoggerFactory.Instance)
            .AddTimeout(Limit)
            .Build();
}
