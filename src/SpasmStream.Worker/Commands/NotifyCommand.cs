using System.CommandLine;
using System.Security.Cryptography;
using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Notify;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// <c>spasmstream notify test</c>: sends a message that says it is a test, by the code that sends alerts.
/// </summary>
static class NotifyCommand
{
    const string Nothing = "There is no channel to try: Notify:Webhooks is empty, and the embedded broker "
        + "lives in the worker itself.";

    public static Command Build()
    {
        var channel = new Option<string?>("--channel")
        {
            Description = "Only this channel: mqtt, or the name of a webhook; all when left out.",
        };
        var config = CommandLine.ConfigOption();
        var json = CommandLine.JsonOption();
        var test = new Verb("test", "Send a test message and print its receipt.",
            "spasmstream notify test --channel webhook")
        {
            channel, config, json,
        };
        test.SetAction((parsed, token) => CommandLine.GuardAsync(() => TestAsync(
            parsed.GetValue(config), parsed.GetValue(channel), parsed.GetValue(json), token)));
        return new Verb("notify", "Try the channels that alerts go out by.", "spasmstream notify test")
        {
            test,
        };
    }

    static async Task<int> TestAsync(
        string? config, string? channel, bool json, CancellationToken cancellationToken)
    {
        var (settings, _) = Settings.Load(config);
        var all = NotifyRegistration.ToTry(settings);
        var wanted = all.Where(one => channel is null || one.Channel == channel).ToList();
        if (wanted.Count == 0)
        {
            if (channel is not null)
                return CommandLine.Misused(Absent(channel, all));
            // Nothing is wrong when nothing is to go out.
            Answer.Print(json, new TriedChannels([]), _ => Console.WriteLine(Nothing));
            return ExitCode.Clean;
        }

        var tried = await ProgressBar.RunAsync("sending", wanted.Count, async done =>
        {
            var answers = new List<TriedChannel>();
            foreach (var one in wanted)
            {
                answers.Add(await TryAsync(one, cancellationToken));
                done(1);
            }

            return answers;
        });
        Answer.Print(json, new TriedChannels(tried), PrintText);
        return tried.TrueForAll(one => one.Arrived) ? ExitCode.Clean : ExitCode.Configuration;
    }

    static async Task<TriedChannel> TryAsync(INotifier channel, CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        var (key, began) = (RandomNumberGenerator.GetHexString(64, lowercase: true), time.GetTimestamp());
        SendAnswer answer;
        try
        {
            answer = await channel.TestAsync(
                key, Instant.FromDateTimeOffset(time.GetUtcNow()), cancellationToken);
        }
        // As in the dispatcher: whatever a channel throws means that it did not arrive.
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            answer = SendAnswer.Failed(fault is BrokerRefusedException ? fault.Message.TrimEnd('.')
                : fault.GetType().Name);
        }
        finally
        {
            (channel as IDisposable)?.Dispose();
        }

        var arrived = answer.Sending == Sending.Delivered;
        return new TriedChannel(channel.Channel, arrived, arrived ? answer.Detail : null,
            arrived ? null : answer.Detail, key, (long)time.GetElapsedTime(began).TotalMilliseconds);
    }

    static string Absent(string channel, IReadOnlyList<INotifier> all) => all.Count == 0
        ? $"There is no channel {channel} to try, nor any other."
        : $"There is no channel {channel} to try; there is "
            + string.Join(", ", all.Select(one => one.Channel)) + ".";

    static void PrintText(TriedChannels tried)
    {
        foreach (var one in tried.Channels)
            Console.WriteLine(one.Arrived
                ? $"{one.Channel}: arrived after {one.Milliseconds} ms. Receipt: {one.Receipt}"
                : $"{one.Channel}: did not arrive ({one.Why}).");
    }
}

/// <summary>What came of a test, channel by channel.</summary>
sealed record TriedChannels(IReadOnlyList<TriedChannel> Channels);

/// <summary>What came of a test on one channel.</summary>
sealed record TriedChannel(
    string Channel, bool Arrived, string? Receipt, string? Why, string Key, long Milliseconds);
