using CsCheck;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

/// <summary>The rights of any account against the same rules told level by level, without haste.</summary>
public sealed class RightsOracleTests
{
    static readonly string[] _names = ["ada", "bob", "ada-b", "a", "worker", "watch", "diary", "phone"];

    static readonly Gen<string> _level = Gen.OneOf(OneOf(_names), OneOf(_names), OneOf(
        "+", "#", "", "heart-rate", "ADA", "ada+", "$SYS", "ada\0", "a\uFFFD", " ada", new string('a', 64),
        new string('a', 65)), Gen.String[Gen.Char.AlphaNumeric, 0, 4]);

    static readonly Gen<string> _topic = Gen.Select(
        OneOf("spasmstream/v1/in/", "spasmstream/v1/in/", "spasmstream/v1/out/", "spasmstream/v1/out/",
            "", "Spasmstream/v1/in/", "/spasmstream/v1/in/", "spasmstream/v2/in/", "$share/g/"),
        _level.Array[0, 5], (start, levels) => start + string.Join('/', levels));

    static readonly Gen<Grant> _grant = Gen.Select(
        OneOf("ada", "bob", "ada-b", "a").Array[0, 3], Gen.Bool, OneOf("", "watch", "phone"), Gen.Bool,
        (wearers, all, device, diary) =>
            new Grant(all ? null : wearers, device.Length == 0 ? null : device, diary));

    [Fact]
    public void S01_An_account_publishes_in_its_own_cells_and_nowhere_else() =>
        Gen.Select(_grant, _topic).Sample((grant, topic) =>
            Assert.Equal(grant.MayPublish(topic), grant.Rights.Publish(topic) == Ruling.Granted),
            iter: 200_000);

    [Fact]
    public void S01_An_account_reads_its_own_cells_and_nowhere_else() =>
        Gen.Select(_grant, _topic).Sample((grant, filter) =>
            Assert.Equal(grant.MayRead(filter), grant.Rights.Read(filter) == FilterRuling.Granted),
            iter: 200_000);

    static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    sealed record Grant(string[]? Wearers, string? Device, bool Diary)
    {
        public TopicRights Rights => new(Wearers, Device, Diary);

        public bool MayPublish(string topic)
        {
            var levels = topic.Split('/');
            return !topic.Any(c => c is '+' or '#' or '\0' or '\uFFFD')
                && levels is ["spasmstream", "v1", "in", var wearer, var device, ..]
                && IsMine(wearer) && IsName(device)
                && (Device is null || device == Device || (Diary && device == "diary"));
        }

        public bool MayRead(string filter)
        {
            var levels = filter.Split('/');
            var isWhole = levels.Index().All(it => it.Item switch
            {
                "+" => true,
                "#" => it.Index == levels.Length - 1,
                var level => !level.Contains('+', StringComparison.Ordinal)
                    && !level.Contains('#', StringComparison.Ordinal),
            });
            return isWhole && !filter.Any(c => c is '\0' or '\uFFFD')
                && levels is ["spasmstream", "v1", "out", var wearer, ..]
                && (IsMine(wearer) || filter == "spasmstream/v1/out/worker/status");
        }

        bool IsMine(string wearer) =>
            IsName(wearer) && wearer != "worker" && (Wearers is null || Wearers.Contains(wearer));

        static bool IsName(string text) =>
            text.Length is >= 1 and <= 64 && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')
                or '_' or '-');
    }
}
