using NodaTime;
using SpasmStream.Worker.Decoding;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>What changes dead letters, while the worker is stopped.</summary>
static class DeadLetterChange
{
    const int StaysShown = 20;

    public static async Task<int> RequeueAsync(
        DeadLetterFilter filter, string? config, bool json, CancellationToken cancellationToken)
    {
        var (settings, _) = Settings.Load(config);
        using var interrupt = new Interrupt(cancellationToken);
        using var store = StoppedStore.Open(settings, mustExist: true);
        using var reader = store.File.OpenReader();
        var messages = DeadLetterRow.Messages(reader, filter);
        if (messages.Count == 0 && filter.Id is { } id)
        {
            await Console.Error.WriteLineAsync($"There is no dead letter {id}.");
            return ExitCode.Usage;
        }

        var requeue = new Requeue(store, reader, settings);
        await ProgressBar.RunAsync("reading again", messages.Count, async done =>
        {
            await requeue.RunAsync(messages, done, interrupt.Token);
            return true;
        });
        Answer.Print(json, requeue.Tally, Print);
        return requeue.Tally.Stopped ? ExitCode.Interrupted : ExitCode.Clean;
    }

    public static async Task<int> PurgeAsync(DeadLetterFilter filter, int? days, bool yes, string? config,
        bool json, CancellationToken cancellationToken)
    {
        var (settings, _) = Settings.Load(config);
        var now = Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow());
        if (days is { } age)
            filter = filter with { Before = now - Duration.FromDays(age) };
        using var store = StoppedStore.Open(settings, mustExist: true);
        if (!yes)
        {
            using var reader = store.File.OpenReader();
            var meant = DeadLetterRow.Newest(reader, filter, int.MaxValue).Count;
            Answer.Print(json, new { Meant = meant, Purged = 0 }, _ => Console.WriteLine(
                $"{meant} dead letters would be removed for ever. Nothing was: say --yes."));
            return ExitCode.Usage;
        }

        var purged = await store.Writer.RunAsync(session =>
        {
            var gone = session.DeadLetters.Remove(filter);
            session.Count(Counter.DeadLettersPurged, gone);
            return gone;
        }, cancellationToken);
        new SecurityLog(settings.Store.Directory).Append(new SecurityEvent(
            now, "operator", "dead-letters-purge", Wearer: null, $"{purged} rows"));
        Answer.Print(json, new { Meant = purged, Purged = purged },
            _ => Console.WriteLine($"{purged} dead letters removed."));
        return ExitCode.Clean;
    }

    static void Print(RequeueTally tally)
    {
        Console.WriteLine($"{tally.Messages} messages read again: {tally.Good} good now, "
            + $"{tally.Rows} dead letters left with them, {tally.Stay} stay."
            + (tally.Stopped ? " Stopped before the end; the rest stays as it was." : ""));
        foreach (var stay in tally.Staying.Take(StaysShown))
            Console.WriteLine($"  {stay.Id} stays, {stay.Reason}: {Visible.Line(stay.Detail)}");
        if (tally.Good > 0)
            Console.WriteLine("The worker makes use of them when it is started.");
    }
}
