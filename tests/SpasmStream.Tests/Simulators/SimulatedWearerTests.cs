using System.Security.Cryptography;
using System.Text;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;
using static SpasmStream.Tests.Simulators.Published;

namespace SpasmStream.Tests.Simulators;

public sealed class SimulatedWearerTests
{
    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_does_not()
    {
        var options = Options(Character.Responder, days: 40);

        Assert.Equal(Digest(options), Digest(options));
        Assert.NotEqual(Digest(options), Digest(options with { Seed = 2 }));
    }

    [Fact]
    public void What_one_wearer_sends_does_not_depend_on_the_name_or_seed_of_another()
    {
        var options = Options(Character.Untriggered, days: 20);

        Assert.NotEqual(Digest(options), Digest(options with { Name = "ben" }));
    }

    [Fact]
    public void Messages_come_strictly_in_order_of_receipt_and_end_at_the_present()
    {
        foreach (var character in Character.All)
        {
            var last = Instant.MinValue;
            foreach (var message in new SimulatedWearer(Options(character, seed: 3)).Messages())
            {
                Assert.True(message.Received > last, $"{message.Topic} at {message.Received} after {last}");
                Assert.InRange(message.Payload.Length, 2, 200 * 1024);
                last = message.Received.Value;
            }
            Assert.True(last <= Now && last > Now - Duration.FromMinutes(10));
        }
    }

    [Fact]
    public void Nothing_is_sent_before_it_was_measured_and_no_minute_twice()
    {
        var options = Options(Character.Responder, days: 30);
        foreach (var message in new SimulatedWearer(options).Messages())
            if (message.Topic.EndsWith("/heart-rate", StringComparison.Ordinal))
            {
                var one = new Published();
                one.Read(message);
                Assert.True(one.HeartRate.Keys.Max() < message.Received);
            }

        // Two values at one minute would throw here.
        var all = By(options);
        Assert.InRange(all.HeartRate.Count, 30 * 1440 * 0.75, 30 * 1440);
    }

    [Fact]
    public void The_ending_changes_the_last_days_only()
    {
        foreach (var character in Character.All)
            for (var hour = 0; hour < 24; hour += 4)
            {
                var until = Instant.FromUtc(2026, 11, 18, hour, 20);
                var usual = Options(character, seed: 5, days: 30, until: until);
                var early = until - Duration.FromDays(4);

                var (kept, bent) = (Lines(usual), Lines(usual with { LastDay = LastDay.ShortNight }));
                Assert.Equal(
                    kept.Where(line => line.Received < early), bent.Where(line => line.Received < early));
                Assert.NotEqual(kept[^20..], bent[^20..]);
            }
    }

    [Theory]
    [InlineData(0), InlineData(6), InlineData(8), InlineData(11), InlineData(21)]
    public void The_short_ending_is_short_after_a_letdown_and_a_neck_spasm(int hour)
    {
        var until = Instant.FromUtc(2026, 11, 18, hour, 20);
        foreach (var character in Character.All)
            for (var seed = 1; seed <= 3; seed++)
            {
                var published = By(Options(character, seed, 14, LastDay.ShortNight, until), minutes: false);
                var night = published.Nights[^1];
                var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
                var date = night.Wake.InZone(zone).Date;
                Assert.InRange(night.AsleepHours, 4.5, 5.02);
                Assert.True(until - night.Wake < Duration.FromHours(30));
                if (character.Letdown > 0)
                    Assert.Equal(
                        (8, 2), (published.Stress[date.PlusDays(-2)], published.Stress[date.PlusDays(-1)]));
                if (character.Coupling > 0)
                {
                    var neck = published.Spasms.Last(spasm => spasm.Region == "neck_shoulder").Start;
                    var forecast = night.Wake + Duration.FromHours(1);
                    Assert.InRange((forecast - neck).TotalHours, 2, 24);
                }
            }
    }

    [Theory]
    [InlineData(0), InlineData(6), InlineData(11), InlineData(21)]
    public void The_usual_ending_has_nothing_to_warn_of(int hour)
    {
        var until = Instant.FromUtc(2026, 11, 18, hour, 20);
        var late = until - Duration.FromHours(60);
        foreach (var character in Character.All)
            for (var seed = 1; seed <= 3; seed++)
            {
                var options = Options(character, seed, 14, LastDay.Usual, until);
                var need = Traits.Draw(seed, options.Name).NeedMinutes / 60;
                var published = By(options, minutes: false);
                Assert.All(published.Nights[^2..], night =>
                    Assert.InRange(night.AsleepHours, need - 0.5, need + 1));
                Assert.DoesNotContain(published.Spasms, spasm =>
                    spasm.Start > late && spasm.Region == "neck_shoulder");
                Assert.DoesNotContain(published.Triggers, item =>
                    item.At > late && item.Type == "alcohol" && item.Quantity >= 5);
                var evenings = published.Stress.Values.TakeLast(3).ToList();
                Assert.True(evenings[0] <= evenings[1] && evenings[1] <= evenings[2]);
            }
    }

    [Fact]
    public void No_attack_runs_at_the_end_or_has_ended_within_three_days()
    {
        foreach (var character in Character.All)
            for (var seed = 1; seed <= 8; seed++)
            {
                var wearer = new SimulatedWearer(Options(character, seed, 40));
                var truth = wearer.Truth().SelectMany(day => day.Attacks);
                Assert.DoesNotContain(truth, attack =>
                    attack.Start <= Now && attack.End > Now - Duration.FromHours(72));
            }
    }

    [Fact]
    public void Both_changes_of_the_clocks_keep_every_minute_at_its_instant()
    {
        // Berlin left summer time on 2026-10-25 at 03:00 and entered it on 2027-03-28 at 02:00.
        foreach (var (until, hours) in ((Instant, int)[])
                 [(Instant.FromUtc(2026, 10, 28, 12, 0), 25), (Instant.FromUtc(2027, 3, 31, 11, 0), 23)])
        {
            var zone = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
            var date = until.InZone(zone).Date.PlusDays(-3);
            var start = zone.AtStartOfDay(date).ToInstant();
            var end = zone.AtStartOfDay(date.PlusDays(1)).ToInstant();
            var published = By(Options(Character.Untriggered, seed: 2, days: 8, until: until));

            var minutes = published.HeartRate.Keys.Count(at => start <= at && at < end);
            Assert.InRange(minutes, hours * 60 * 0.93, hours * 60);
            var night = published.Nights.Single(night => start <= night.Wake && night.Wake < end);
            Assert.InRange(night.AsleepHours, 6, 9.5);
            var asleep = published.Steps.Where(pair =>
                night.Onset <= pair.Key && pair.Key < night.Wake - Duration.FromMinutes(5));
            Assert.Equal(0, asleep.Sum(pair => pair.Value));
        }
    }

    [Fact]
    public void The_present_brings_a_reading_every_five_seconds_and_no_second_copy_of_the_past()
    {
        var wearer = new SimulatedWearer(Options(Character.Responder, days: 3));
        var tomorrow = Now + Duration.FromHours(24);
        var live = wearer.LiveMessages().TakeWhile(message => message.Received < tomorrow).ToList();

        Assert.All(live, message => Assert.True(message.Received > Now));
        Assert.InRange(live.Count(message => message.Topic.EndsWith("/heart-rate", StringComparison.Ordinal)),
            24 * 720 * 0.9, 24 * 720);
        Assert.InRange(
            live.Count(message => message.Topic.EndsWith("/steps", StringComparison.Ordinal)), 700, 1200);
        Assert.Single(live, message => message.Topic.EndsWith("/sleep", StringComparison.Ordinal));
        Assert.Contains("\"bpm\":", Encoding.UTF8.GetString(live[0].Payload.Span), StringComparison.Ordinal);
    }

    static string Digest(WearerOptions options)
    {
        using var file = new MemoryStream();
        var writer = new NdjsonWriter(file);
        foreach (var message in new SimulatedWearer(options).Messages())
            writer.Write(message);
        return Convert.ToHexString(SHA256.HashData(file.ToArray()));
    }

    static List<(Instant? Received, string Topic, string Payload)> Lines(WearerOptions options) =>
        [.. new SimulatedWearer(options).Messages().Select(message =>
            (message.Received, message.Topic, Encoding.UTF8.GetString(message.Payload.Span)))];
}
