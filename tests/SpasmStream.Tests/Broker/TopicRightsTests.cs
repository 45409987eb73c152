using CsCheck;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Broker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Broker;

/// <summary>What an account may publish and read: default is no.</summary>
public sealed class TopicRightsTests
{
    const string In = "spasmstream/v1/in/";
    const string Out = "spasmstream/v1/out/";

    static readonly string[] _wearers = ["ada", "bob", "ada-b", "a"];
    static readonly TopicRights _ada = new(["ada"]);
    static readonly TopicRights _watch = new(["ada"], "watch");
    static readonly TopicRights _phone = new(["ada"], "phone", diary: true);
    static readonly TopicRights _all = new(null);

    // Topics as somebody would write who wants more than is theirs.
    static readonly Gen<string> _level = Gen.OneOf(
        OneOf("ada", "bob", "+", "#", "", "watch", "diary", "heart-rate", "worker", "status", "ADA",
            "ada+", "$SYS", "time", "..", "ada\0", "a\uFFFD", "%61da", " ada"),
        Gen.String[Gen.Char.AlphaNumeric, 0, 5]);

    static readonly Gen<string> _topic = Gen.Select(
        OneOf("", In, Out, "spasmstream/v1/", "Spasmstream/v1/in/", "/" + In, "$share/g/" + Out,
            "spasmstream/v2/in/"),
        _level.Array[0, 5], (start, levels) => start + string.Join('/', levels));

    [Fact]
    public void S03_Nothing_of_another_wearer_is_ever_granted() => _topic.Sample(topic =>
    {
        if (_ada.Publish(topic) == Ruling.Granted)
            Assert.StartsWith(In + "ada/", topic, StringComparison.Ordinal);
        if (_watch.Publish(topic) == Ruling.Granted)
            Assert.StartsWith(In + "ada/watch", topic, StringComparison.Ordinal);
        if (_ada.Read(topic) == FilterRuling.Granted)
            Assert.True(topic == Out + "worker/status" || topic == Out + "ada"
                || topic.StartsWith(Out + "ada/", StringComparison.Ordinal), topic);
    }, iter: 100_000);

    /// <summary>By the rules of MQTT itself, asked level by level.</summary>
    [Fact]
    public void S03_Whatever_a_granted_filter_matches_may_be_read() =>
        Gen.Select(_topic, _topic, (filter, topic) => (filter, topic)).Sample(it =>
        {
            if (_ada.Read(it.filter) == FilterRuling.Granted && !it.topic.AsSpan().ContainsAny("+#\0\uFFFD")
                && it.topic.Length > 0 && Matches(it.filter.Split('/'), it.topic.Split('/')))
                Assert.Equal(FilterRuling.Granted, _ada.Read(it.topic));
        }, iter: 100_000);

    /// <summary>What the rights take for no topic of ours, the decoder refuses whole.</summary>
    [Fact]
    public void S04_What_is_no_topic_becomes_nobodys_sample() => _topic.Sample(topic =>
    {
        if (_all.Publish(topic) is Ruling.NoTopic or Ruling.Suspicious)
            Assert.Null(WireTopic.Parse(topic, out _));
    }, iter: 100_000);

    [Fact]
    public void S04_Only_names_that_can_be_wearers_enter_the_templates() => Gen.String[0, 70].Sample(name =>
    {
        if (WearerId.IsValid(name) && name != "worker")
            Assert.Equal(Ruling.Granted, new TopicRights([name]).Publish($"{In}{name}/watch/steps"));
        else
            Assert.Throws<ArgumentException>(() => new TopicRights([name]));
    }, iter: 100_000);

    [Theory]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("ada/#")]
    [InlineData("ada/../bob")]
    [InlineData("")]
    [InlineData("worker")]
    [InlineData("ada\n")]
    public void S04_A_wildcard_cannot_enter_through_a_name(string name)
    {
        Assert.Throws<ArgumentException>(() => new TopicRights([name]));
        if (name != "worker")
            Assert.Throws<ArgumentException>(() => new TopicRights(["ada"], name));
    }

    [Fact]
    public void S01_Four_accounts_and_four_wearers_meet_in_their_own_cells_only()
    {
        foreach (var own in _wearers)
            foreach (var other in _wearers)
            {
                var rights = new TopicRights([own]);
                Assert.Equal(own == other ? Ruling.Granted : Ruling.Denied,
                    rights.Publish($"{In}{other}/watch/heart-rate"));
                Assert.Equal(own == other ? FilterRuling.Granted : FilterRuling.Denied,
                    rights.Read($"{Out}{other}/#"));
            }
    }

    [Theory]
    [InlineData("watch/heart-rate", Ruling.Granted, Ruling.Denied)]
    [InlineData("watch/status", Ruling.Granted, Ruling.Denied)]
    [InlineData("phone/steps", Ruling.Denied, Ruling.Granted)]
    [InlineData("diary/episode", Ruling.Denied, Ruling.Granted)]
    [InlineData("watch2/steps", Ruling.Denied, Ruling.Denied)]
    [InlineData("Watch/steps", Ruling.NoTopic, Ruling.NoTopic)]
    [InlineData("", Ruling.NoTopic, Ruling.NoTopic)]
    internal void S01_An_account_of_a_device_publishes_as_that_device(string rest, Ruling watch, Ruling phone)
    {
        Assert.Equal(watch, _watch.Publish($"{In}ada/{rest}"));
        Assert.Equal(phone, _phone.Publish($"{In}ada/{rest}"));
    }

    [Theory]
    [InlineData(In + "ada/+/heart-rate", Ruling.Suspicious)]
    [InlineData(In + "ada/watch/#", Ruling.Suspicious)]
    [InlineData(In + "bob/+/heart-rate", Ruling.Suspicious)]
    [InlineData("$SYS/broker/uptime", Ruling.Suspicious)]
    [InlineData("$share/g/" + In + "ada/watch/steps", Ruling.Suspicious)]
    [InlineData(In + "ada/wat\0ch/steps", Ruling.Suspicious)]
    [InlineData(In + "ada/wat\uFFFDch/steps", Ruling.Suspicious)]
    [InlineData(In + "bob/watch/heart-rate", Ruling.Denied)]
    [InlineData(Out + "ada/risk", Ruling.Denied)]
    [InlineData("homeassistant/sensor", Ruling.NoTopic)]
    [InlineData("SpasmStream/v1/in/ada/watch/steps", Ruling.NoTopic)]
    [InlineData("", Ruling.NoTopic)]
    internal void B25_Topics_are_ruled_before_anybody_looks_at_them(string topic, Ruling ruling) =>
        Assert.Equal(ruling, _ada.Publish(topic));

    [Theory]
    [InlineData("#", FilterRuling.Denied)]
    [InlineData("+/v1/out/ada/risk", FilterRuling.Denied)]
    [InlineData(Out + "+/risk", FilterRuling.Denied)]
    [InlineData(Out + "#", FilterRuling.Denied)]
    [InlineData(Out + "bob/#", FilterRuling.Denied)]
    [InlineData(In + "ada/#", FilterRuling.Denied)]
    [InlineData("$share/g/" + Out + "ada/#", FilterRuling.Denied)]
    [InlineData(Out + "worker/#", FilterRuling.Denied)]
    [InlineData("a+b", FilterRuling.Invalid)]
    [InlineData("a/#/b", FilterRuling.Invalid)]
    [InlineData(Out + "ada/#/x", FilterRuling.Invalid)]
    [InlineData(Out + "ada/x+", FilterRuling.Invalid)]
    [InlineData("", FilterRuling.Invalid)]
    [InlineData(Out + "ada/#", FilterRuling.Granted)]
    [InlineData(Out + "ada/+/risk", FilterRuling.Granted)]
    [InlineData(Out + "worker/status", FilterRuling.Granted)]
    internal void B58_A_filter_must_lie_inside_what_may_be_read(string filter, FilterRuling ruling) =>
        Assert.Equal(ruling, _ada.Read(filter));

    [Fact]
    public void The_worker_publishes_what_goes_out_and_reads_nothing()
    {
        Assert.Equal(Ruling.Granted, TopicRights.Worker.Publish(Out + "ada/risk"));
        Assert.Equal(Ruling.Denied, TopicRights.Worker.Publish(In + "ada/watch/heart-rate"));
        Assert.Equal(FilterRuling.Denied, TopicRights.Worker.Read(Out + "ada/risk"));
    }

    static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    static bool Matches(ReadOnlySpan<string> filter, ReadOnlySpan<string> topic) =>
        filter.IsEmpty ? topic.IsEmpty
        : filter[0] == "#" ? true
        : !topic.IsEmpty && (filter[0] == "+" || filter[0] == topic[0]) && Matches(filter[1..], topic[1..]);
}
