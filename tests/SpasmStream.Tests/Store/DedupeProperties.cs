using System.Globalization;
using CsCheck;
using SpasmStream.Core.Signals;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

/// <summary>Whatever comes, in any order and however often, against the rule told in a few lines.</summary>
public sealed class DedupeProperties : IDisposable
{
    readonly TempStore _store = new();
    int _round;

    public void Dispose() => _store.Dispose();

    sealed record Said(int Key, int Value, int Revision, int Received);

    // No two different values of one receipt: what decides between those is no rule anybody relies on.
    static readonly Gen<Said> _said = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 6],
        (key, value, revision, received) => new Said(key, value, revision, received * 5 + value));

    [Fact]
    public Task D5_Any_samples_in_any_order_leave_the_values_that_the_rule_says() =>
        Gen.Select(_said.Array[1, 25], Gen.Int[0, int.MaxValue]).SampleAsync(async (said, seed) =>
        {
            var round = ++_round;
            var sent = said.Concat(said.Take(5)).ToArray();
            new Random(seed).Shuffle(sent);
            await _store.RunAsync(session =>
            {
                var wearer = session.Names.Wearer(new WearerId("ada"), Some.Start);
                foreach (var it in sent)
                {
                    var sample = Some.Sample(60 + it.Value, it.Received, it.Revision,
                        second: round * 10 + it.Key);
                    session.Samples.Put(session.Names.Series(wearer, sample.Series), sample);
                }

                return 0;
            });

            var kept = _store.Rows($"""
                SELECT (t-{Some.Ms(round * 10)})/1000, CAST(value-60 AS INTEGER), rev,
                    received-{Some.Start.ToUnixTimeMilliseconds()}
                FROM sample WHERE t BETWEEN {Some.Ms(round * 10)} AND {Some.Ms(round * 10 + 9)} ORDER BY t
                """);
            Assert.Equal(Winners(said), kept);
        }, iter: 400, threads: 1);

    [Fact]
    public Task B29_A_message_is_repeated_when_its_sender_says_so_and_it_was_here() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool).Array[1, 25].SampleAsync(async messages =>
        {
            var round = ++_round;
            var seen = new HashSet<(int, int)>();
            var expected = messages.Select(it =>
                !seen.Add((it.Item1, it.Item2)) && it.Item3).ToList();

            var actual = await _store.RunAsync(session => messages.Select(it =>
                session.MessageKeys.IsRepeated(Some.Message($"{round} {it.Item2}") with
                {
                    PacketId = (ushort)it.Item1, Dup = it.Item3,
                })).ToList());

            Assert.Equal(expected, actual);
        }, iter: 200, threads: 1);

    /// <summary>The same said again counts by its first receipt; then the revision, then the later.</summary>
    static IEnumerable<string> Winners(Said[] said) => said
        .GroupBy(it => it.Key)
        .OrderBy(key => key.Key)
        .Select(key => key
            .GroupBy(it => (it.Value, it.Revision))
            .Select(same => same.MinBy(it => it.Received)!)
            .OrderBy(it => it.Revision).ThenBy(it => it.Received).Last())
        .Select(it => string.Create(CultureInfo.InvariantCulture,
            $"{it.Key}|{it.Value}|{it.Revision}|{it.Received}"));
}
