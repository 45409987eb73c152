using System.Text;
using SpasmStream.Core.Episodes;
using SpasmStream.Core.Signals;

namespace SpasmStream.Tests.Decoding;

/// <summary>Sleep, diary and status.</summary>
public sealed class EntryDecodingTests
{
    const string T = "\"v\":1,\"t\":1773003600000";

    [Fact]
    public void A_sleep_has_all_its_members()
    {
        var sleep = Wire.OneEntry<SleepEpisode>(Wire.Sleep, """
            {"v":1,"id":"night-1","rev":2,"t":"2026-03-07T23:12:30+01:00","dur":27300000,"main":true,
             "tz":"Europe/Berlin",
             "asleep":25740000,"latency":540000,"waso":1200000,"awakenings":3,
             "in_bed":{"t":"2026-03-07T23:01:00+01:00","dur":28500000,"x":1},
             "stages":[["deep",1500000,1950000],["light",0,1500000]]}
            """);

        Assert.Equal(("watch", "night-1", 2), (sleep.Device, sleep.Id, sleep.Revision));
        Assert.Equal(Instant.FromUtc(2026, 3, 7, 22, 12, 30), sleep.Start);
        Assert.Equal(Duration.FromMilliseconds(27_300_000), sleep.End - sleep.Start);
        Assert.Equal((true, "Europe/Berlin", 3), (sleep.Main, sleep.Zone, sleep.Awakenings));
        Assert.Equal(
            (25_740_000, 540_000, 1_200_000),
            (sleep.Asleep!.Value.TotalMilliseconds, sleep.Latency!.Value.TotalMilliseconds,
                sleep.Waso!.Value.TotalMilliseconds));
        Assert.Equal(Instant.FromUtc(2026, 3, 7, 22, 1), sleep.InBedStart);
        Assert.Equal(Instant.FromUtc(2026, 3, 8, 5, 56), sleep.InBedEnd);
        Assert.Equal([SleepStage.Light, SleepStage.Deep], sleep.Stages.Select(s => s.Stage));
        Assert.Equal([0, 1_500_000], sleep.Stages.Select(s => s.Offset.TotalMilliseconds));
    }

    [Theory]
    [InlineData("\"dur\":0", "interval")]
    [InlineData("\"dur\":-60000", "interval")]
    [InlineData("\"dur\":86400001", "interval")]
    [InlineData("\"dur\":3600000,\"stages\":[[\"light\",0,60000],[\"deep\",59999,1]]", "interval")]
    [InlineData("\"dur\":3600000,\"stages\":[[\"light\",3600000,1]]", "interval")]
    [InlineData("\"dur\":3600000,\"stages\":[[\"light\",-1,5]]", "interval")]
    [InlineData("\"dur\":3600000,\"stages\":[[\"light\",5,-1]]", "interval")]
    [InlineData("\"dur\":3600000,\"in_bed\":{\"t\":1773003600000,\"dur\":-1}", "interval")]
    [InlineData("\"dur\":3600000,\"stages\":[[\"light\",5]]", "type:stages")]
    [InlineData("\"dur\":3600000,\"stages\":[[5,5,5]]", "type:stages")]
    [InlineData("\"dur\":3600000,\"stages\":[{}]", "type:stages")]
    [InlineData("\"dur\":3600000,\"stages\":7", "type:stages")]
    [InlineData("\"dur\":3600000,\"in_bed\":{}", "missing:in_bed")]
    [InlineData("\"main\":true", "missing:dur")]
    [InlineData("\"dur\":7200000", "future")]
    public void B42_A_sleep_that_cannot_have_been_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Sleep, $"{{{T},{members}}}", reason);

    [Fact]
    public void B42_An_unknown_stage_is_kept_as_unknown_and_counted()
    {
        var decoded = Wire.Decode(
            Wire.Sleep, $"{{{T},\"dur\":3600000,\"stages\":[[\"core\",0,5],[\"unknown\",5,5]]}}");

        var sleep = Assert.IsType<SleepEpisode>(Assert.Single(decoded.Entries).Value);
        Assert.Equal([SleepStage.Unknown, SleepStage.Unknown], sleep.Stages.Select(s => s.Stage));
        Assert.Equal(1, decoded.UnknownMembers);
    }

    [Fact]
    public void An_unknown_zone_costs_the_zone_and_not_the_night()
    {
        Assert.Null(
            Wire.OneEntry<SleepEpisode>(Wire.Sleep, $"{{{T},\"dur\":3600000,\"tz\":\"Mars/Olympus\"}}").Zone);
    }

    [Fact]
    public void An_episode_has_all_its_members()
    {
        var episode = Wire.OneEntry<Episode>(Wire.Episode, """
            {"v":1,"id":"ep-1","rev":1,"t":"2026-03-08T14:20:00+01:00","unc":1800000,"onset":"approx",
             "logged":"2026-03-08T15:02:11+01:00","type":"spasm","sev":7,"end":"2026-03-08T22:00:00+01:00",
              "aura":true,
             "side":"left","symptoms":["nausea","photophobia"],"note":"a\n\tb","region":"calf_foot",
              "context":["asleep"],
             "count":3,"penn":{"frequency":2,"severity":1}}
            """);

        Assert.Equal(("ep-1", 1, EpisodeType.Spasm), (episode.Id, episode.Revision, episode.Type));
        Assert.Equal(Instant.FromUtc(2026, 3, 8, 13, 20), episode.Start);
        Assert.Equal(Instant.FromUtc(2026, 3, 8, 21, 0), episode.End);
        Assert.Equal(Instant.FromUtc(2026, 3, 8, 14, 2, 11), episode.Logged);
        Assert.Equal((OnsetCertainty.Approximate, Duration.FromMinutes(30)),
            (episode.Onset, episode.Uncertainty));
        Assert.Equal((7.0, true, "left", "a\n\tb"),
            (episode.Severity, episode.Aura, episode.Side, episode.Note));
        Assert.Equal(["nausea", "photophobia"], episode.Symptoms);
        Assert.Equal((SpasmRegion.CalfFoot, 3), (episode.Region, episode.Count));
        Assert.Equal(["asleep"], episode.Context);
        Assert.Equal(new PennScale(2, 1), episode.Penn);
    }

    [Fact]
    public void A_day_only_onset_and_a_day_without_attack_stand_at_noon()
    {
        var dayOnly = Wire.Decode(
            Wire.Episode, """{"v":1,"id":"e","day":"2026-03-06","onset":"day_only","type":"migraine"}""");
        var none = Wire.Decode(Wire.Episode, """{"v":1,"none":true,"day":"2026-03-08"}""");

        var episode = Assert.IsType<Episode>(dayOnly.Entries[0].Value);
        Assert.Equal(((Instant?)null, new LocalDate(2026, 3, 6)), (episode.Start, episode.Day));
        Assert.Equal(Instant.FromUtc(2026, 3, 6, 12, 0), dayOnly.Entries[0].At);
        Assert.Equal("none@2026-03-08", none.Entries[0].Key);
        Assert.Equal(new LocalDate(2026, 3, 8), Assert.IsType<NoAttack>(none.Entries[0].Value).Day);
    }

    [Theory]
    [InlineData("\"t\":1773003600000,\"type\":\"migraine\"", "missing:id")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000", "missing:type")]
    [InlineData("\"id\":\"e\",\"type\":\"migraine\"", "missing:t")]
    [InlineData("\"id\":\"e\",\"type\":\"migraine\",\"onset\":\"day_only\",\"t\":1773003600000",
        "missing:day")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"hiccup\"", "range:type")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"aura\",\"sev\":11", "range:sev")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"aura\",\"onset\":\"soon\"", "range:onset")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"aura\",\"end\":1773003599999", "interval")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"aura\",\"end\":1783003599999", "future")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"aura\",\"symptoms\":[\"a\",1]", "type:symptoms")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"spasm\",\"penn\":{\"frequency\":5}",
        "range:frequency")]
    [InlineData("\"id\":\"e\",\"t\":1773003600000,\"type\":\"spasm\",\"penn\":{\"frequency\":1}",
        "missing:penn")]
    [InlineData("\"none\":true", "missing:day")]
    [InlineData("\"none\":true,\"day\":\"2026-02-30\"", "timestamp")]
    [InlineData("\"none\":true,\"day\":\"2026-03-10\"", "future")]
    [InlineData("\"none\":true,\"day\":\"2026-01-10\"", "too_old")]
    public void B14_An_episode_without_what_it_needs_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Episode, $"{{\"v\":1,{members}}}", reason);

    [Fact]
    public void B17_B19_A_note_has_4_000_characters_and_may_hold_any_script()
    {
        string State(string note) => $"{{{T},\"note\":\"{note}\"}}";

        Assert.Equal("\u202Eab\u200B", Wire.OneEntry<CheckIn>(Wire.State, State("\u202Eab\u200B")).Note);
        Assert.Equal(4_000, Wire.OneEntry<CheckIn>(Wire.State, State(new string('a', 4_000))).Note!.Length);
        Wire.AssertRefused(Wire.State, State(new string('a', 4_001)), "string_length");
    }

    [Fact]
    public void Triggers_doses_and_check_ins_are_known_by_their_id_or_by_type_and_instant()
    {
        var menses = Wire.Decode(Wire.Trigger, $"{{{T},\"type\":\"menses\",\"day\":1}}").Entries[0];
        var drink = Wire.OneEntry<Trigger>(
            Wire.Trigger,
            $$"""{{{T}},"id":"tr-1","type":"alcohol","qty":0,"unit":"drink","level":2,"label":"x"}""");
        var dose = Wire.OneEntry<Dose>(Wire.Medication, $$"""
            {{{T}},"id":"md-9","name":"naproxen","dose":500,"unit":"mg","class":"acute","drug":"nsaid",
             "for":"ep-1","effect":6}
            """);
        var state = Wire.Decode(Wire.State, $"{{{T},\"stress\":6,\"mood\":4.5,\"fatigue\":0}}").Entries[0];

        Assert.Equal(("menses@1773003600000", 1), (menses.Key, ((Trigger)menses.Value).Day));
        Assert.Equal(("tr-1", 0.0, "drink", 2.0, "x"),
            (drink.Id, drink.Quantity, drink.Unit, drink.Level, drink.Label));
        Assert.Equal(
            ("naproxen", 500.0, "mg", "acute", "nsaid", "ep-1", 6.0),
            (dose.Name, dose.Amount, dose.Unit, dose.Class, dose.Drug, dose.For, dose.Effect));
        Assert.Equal("state@1773003600000", state.Key);
        Assert.Equal((6.0, 4.5, 0.0),
            (((CheckIn)state.Value).Stress, ((CheckIn)state.Value).Mood, ((CheckIn)state.Value).Fatigue));
    }

    [Theory]
    [InlineData(Wire.Medication, "\"name\":\"x\"", "missing:id")]
    [InlineData(Wire.Medication, "\"id\":\"m\"", "missing:name")]
    [InlineData(Wire.Medication, "\"id\":\"m\",\"name\":\"x\",\"class\":\"often\"", "range:class")]
    [InlineData(Wire.Medication, "\"id\":\"m\",\"name\":\"x\",\"drug\":\"tea\"", "range:drug")]
    [InlineData(Wire.Medication, "\"id\":\"m\",\"name\":\"x\",\"dose\":-1", "range:dose")]
    [InlineData(Wire.Trigger, "\"qty\":1", "missing:type")]
    [InlineData(Wire.Trigger, "\"type\":\"Bad Type\"", "range:type")]
    [InlineData(Wire.Trigger, "\"type\":\"food\",\"qty\":-1", "range:qty")]
    [InlineData(Wire.State, "\"Stress\":5", "missing:stress")]
    [InlineData(Wire.State, "\"mood\":10.5", "range:mood")]
    public void B13_B14_A_diary_entry_without_what_it_needs_is_refused(string topic, string members,
        string reason) =>
        Wire.AssertRefused(topic, $"{{{T},{members}}}", reason);

    [Fact]
    public void Each_entry_of_an_array_keeps_its_own_bytes()
    {
        string[] objects = [$"{{{T},\"stress\":1}}", "{ }", $"{{ {T} , \"note\":\"é\" }}"];
        var decoded = Wire.Decode(Wire.State, $" [ {string.Join(" , ", objects)} ] ");

        Assert.Equal(
            [objects[0], objects[2]], decoded.Entries.Select(e => Encoding.UTF8.GetString(e.Json.Span)));
        Assert.Equal(1, Assert.Single(decoded.Rejections).Index);
    }

    [Fact]
    public void A_status_is_a_word_or_an_object()
    {
        var word = Wire.Decode(Wire.Status, "offline").Status!;
        var full = Wire.Decode(
            Wire.Status,
                $"{{{T},\"state\":\"online\",\"battery\":64,\"worn\":true,\"charging\":false}}").Status!;

        Assert.Equal((Wire.Received, false, (int?)null), (word.At, word.Online, word.Battery));
        Assert.Equal(Instant.FromUnixTimeMilliseconds(Wire.Ms), full.At);
        Assert.Equal((true, 64, true, false), (full.Online, full.Battery, full.Worn, full.Charging));
    }

    [Fact]
    public void A_status_that_the_broker_kept_for_a_year_is_still_read() =>
        Assert.NotNull(
            Wire.Decode(Wire.Status, """{"v":1,"t":"2025-03-08T07:00:00Z","state":"offline"}""").Status);

    [Theory]
    [InlineData("\"battery\":101,\"state\":\"online\"", "range:battery")]
    [InlineData("\"state\":\"asleep\"", "range:state")]
    [InlineData("\"battery\":50", "missing:state")]
    [InlineData("\"state\":\"online\",\"worn\":1", "type:worn")]
    public void A_status_that_makes_no_sense_is_refused(string members, string reason) =>
        Wire.AssertRefused(Wire.Status, $"{{{T},{members}}}", reason);
}
