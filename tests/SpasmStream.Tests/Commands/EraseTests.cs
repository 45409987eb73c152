using System.Text;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

public sealed class EraseTests
{
    [Fact]
    public async Task S27_Nothing_of_an_erased_wearer_is_in_any_file_and_the_others_are_as_before()
    {
        using var store = await FullStore.MakeAsync(samples: 12_000);
        var pseudonym = FullStore.Pseudonym(store, FullStore.Anna);
        var bens = BensRows(store);
        var value = Encoding.Latin1.GetString([.. BitConverter.GetBytes(FullStore.AnnasValue).Reverse()]);
        Assert.NotEmpty(Found(store, FullStore.AnnasSecret));
        Assert.NotEmpty(Found(store, value));

        var report = await EraseAsync(store);

        Assert.True(report.IsClean);
        Assert.Empty(Found(store, FullStore.Anna, FullStore.AnnasSecret, $"/{FullStore.Anna}/"));
        Assert.All(Found(store, pseudonym), it => Assert.Equal("security-events.ndjson", it.File));
        Assert.Empty(Found(store, value));
        Assert.Equal(bens, BensRows(store));
        Assert.Equal("1", store.Row("SELECT count(*) FROM wearer"));
        Assert.Equal((12_001, 1), (report.Parts.Single(part => part.Store == "sample").Rows,
            report.Parts.Single(part => part.Store == "sample_superseded").Rows));
    }

    [Fact]
    public async Task S27_A_row_that_was_moved_from_page_to_page_left_no_copy_behind()
    {
        using var store = await FullStore.MakeAsync(samples: 100);
        // By the hash of its payload a dead letter lies anywhere, so pages are split again and again.
        foreach (var some in Enumerable.Range(0, 3_000).Chunk(50))
            await store.AppendAsync([.. some.Select(i => Some.Message(
                $"not json {i} {(i % 3 == 0 ? FullStore.AnnasSecret : "")}{new string('x', i % 700)}",
                topic: $"spasmstream/v1/in/{(i % 3 == 0 ? FullStore.Anna : FullStore.Ben)}/watch/steps"))]);
        store.Close();

        Assert.True((await EraseAsync(store)).IsClean);

        Assert.Empty(Found(store, FullStore.AnnasSecret, FullStore.Anna));
    }

    [Fact]
    public async Task S27_A_message_of_an_erased_wearer_leaves_nothing_not_even_a_dead_letter()
    {
        using var store = await FullStore.MakeAsync();
        await EraseAsync(store);
        var before = FullStore.Everything(store, "counter", "clock");

        var outcomes = await store.AppendAsync(
            Some.Message($$"""{"v":1,"t":{{Some.Ms(5)}},"bpm":61}""",
                topic: $"spasmstream/v1/in/{FullStore.Anna}/watch/heart-rate"),
            Some.Message("not json", topic: $"spasmstream/v1/in/{FullStore.Anna}/watch/heart-rate"),
            Some.Message("{}", topic: $"spasmstream/v1/in/{FullStore.Anna}/too/many/levels/here"));

        Assert.All(outcomes, outcome => Assert.Equal(Reasons.Unauthorised, outcome.Reason));
        Assert.Equal(before, FullStore.Everything(store, "counter", "clock"));
        store.Close();
        Assert.Empty(Found(store, FullStore.Anna));
    }

    [Fact]
    public async Task S27_An_account_for_several_stays_for_the_others_and_the_log_keeps_no_name()
    {
        using var store = await FullStore.MakeAsync();

        await EraseAsync(store);

        var accounts = BesideFile.Accounts(store.Options.Directory);
        Assert.Empty(accounts.Of(FullStore.Anna));
        Assert.Equal("house", Assert.Single(accounts.Of(FullStore.Ben))["user"]!.GetValue<string>());
        Assert.Single(BesideFile.Wearers(store.Options.Directory).Of(FullStore.Ben));
        var log = new SecurityLog(store.Options.Directory).Read().ToList();
        Assert.Equal(["login", "denied", "erase"], log.Select(it => it.Action));
        Assert.StartsWith("w-", log[0].Actor, StringComparison.Ordinal);
        Assert.Equal("house", log[1].Actor);
    }

    [Fact]
    public async Task S27_What_was_put_aside_earlier_is_named_as_left_over()
    {
        using var store = await FullStore.MakeAsync();
        File.Copy(store.File.Path, store.File.Path + ".corrupt-20260101T000000Z");

        var report = await EraseAsync(store);

        Assert.False(report.IsClean);
        Assert.All(report.LeftOver, it => Assert.EndsWith("Z", it.File, StringComparison.Ordinal));
    }

    [Fact]
    public async Task S27_When_the_rows_are_gone_what_is_left_is_looked_for_all_the_same()
    {
        using var store = await FullStore.MakeAsync();
        var aside = store.File.Path + ".corrupt-20260101T000000Z";
        File.Copy(store.File.Path, aside);
        await EraseAsync(store);
        Task<int> AgainAsync(bool yes) => EraseCommand.RunAsync(
            new EraseWish(FullStore.Anna, yes, null, Json: true), FullStore.SettingsOf(store),
            TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(74, await AgainAsync(yes: false));
        Assert.Equal(74, await AgainAsync(yes: true));
        File.Delete(aside);
        Assert.Equal(0, await AgainAsync(yes: false));
    }

    [Fact]
    public async Task S27_The_log_names_no_account_of_theirs_that_is_gone_and_everybody_elses()
    {
        using var store = await FullStore.MakeAsync();
        await store.AppendAsync(
            Some.Message($$"""{"v":1,"t":{{Some.Ms(5)}},"bpm":61}""",
                topic: $"spasmstream/v1/in/{FullStore.Anna}-b/watch/heart-rate"));
        store.Close();
        var log = new SecurityLog(store.Options.Directory);
        foreach (var actor in (string[])["", "-ring", "-b", "-b-watch"])
            log.Append(new SecurityEvent(Some.Start, FullStore.Anna + actor, "login", null, null));
        var pseudonym = FullStore.Pseudonym(store, FullStore.Anna);

        await EraseAsync(store);

        Assert.Equal([pseudonym, pseudonym, FullStore.Anna + "-b", FullStore.Anna + "-b-watch"],
            log.Read().Skip(2).Take(4).Select(it => it.Actor));
    }

    [Fact]
    public async Task S27_Our_session_at_a_broker_stays_without_what_it_says_of_them()
    {
        using var store = await FullStore.MakeAsync();
        await store.RunAsync(session => session.Execute($"""
            INSERT INTO broker_session VALUES('spasmstream@here:1883',
                '["spasmstream/v1/in/{FullStore.Anna}/#","spasmstream/v1/in/{FullStore.Ben}/#"]', 98, 99)
            """));
        store.Close();

        Assert.True((await EraseAsync(store)).IsClean);

        Assert.Equal($"[\"spasmstream/v1/in/{FullStore.Ben}/#\"]", store.Row(
            "SELECT filters FROM broker_session WHERE client LIKE 'spasmstream@%'"));
    }

    [Fact]
    public async Task S27_A_name_too_short_to_be_searched_for_is_said_to_be()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 61));
        store.Close();

        var report = await new WearerErasure(FullStore.SettingsOf(store), TimeProvider.System, broker: null)
            .RunAsync(new WearerId("ada"), TestContext.Current.CancellationToken);

        Assert.Equal("name too short to search for by itself",
            report.Parts.Single(part => part.State == "not searched").Note);
    }

    [Fact]
    public async Task Every_table_says_whose_its_rows_are()
    {
        using var store = await FullStore.MakeAsync();

        Assert.Equal(store.Rows("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name"),
            WearerTable.All.Select(table => table.Name).Concat(WearerTable.Nobodys).Order());
        // What is not filled here would be erased by nobody's test.
        Assert.All(Erasure.Count(store.File, new WearerId(FullStore.Anna)),
            table => Assert.True(table.Rows > 0, $"{table.Table} is empty."));
    }

    [Fact]
    public async Task Without_a_terminal_and_without_yes_nothing_is_erased()
    {
        using var store = await FullStore.MakeAsync();
        var before = FullStore.Everything(store);

        var code = await EraseCommand.RunAsync(new EraseWish(FullStore.Anna, Yes: false, null, Json: true),
            FullStore.SettingsOf(store), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(64, code);
        Assert.Equal(before, FullStore.Everything(store));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("../../x")]
    public async Task A_wearer_who_is_not_known_is_a_mistake(string wearer)
    {
        using var store = await FullStore.MakeAsync();

        Assert.Equal(64, await EraseCommand.RunAsync(new EraseWish(wearer, Yes: true, null, Json: true),
            FullStore.SettingsOf(store), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_text_is_found_across_the_edge_of_what_is_read_at_once()
    {
        var folder = Directory.CreateTempSubdirectory("spasmstream-search-");
        try
        {
            for (var shift = 0; shift < 12; shift++)
                File.WriteAllText(Path.Combine(folder.FullName, $"{shift}"),
                    new string('.', (1 << 20) - shift) + "lavender" + new string('.', 9));

            var found = new LeftOverSearch("lavender", "not there").In(folder.FullName);

            Assert.Equal(12, found.Count);
            Assert.All(found, it => Assert.Equal(1, it.Hits));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static Task<ErasureReport> EraseAsync(TempStore store) =>
        new WearerErasure(FullStore.SettingsOf(store), TimeProvider.System, broker: null)
            .RunAsync(new WearerId(FullStore.Anna), TestContext.Current.CancellationToken);

    static IReadOnlyList<LeftOver> Found(TempStore store, params string[] texts) =>
        new LeftOverSearch(texts).In(store.Options.Directory);

    static List<string> BensRows(TempStore store) =>
        [.. WearerTable.All.SelectMany(table => store.Rows(
            $"SELECT * FROM {table.Name} WHERE {Bound(store, table.Of)}").Order(StringComparer.Ordinal))];

    static string Bound(TempStore store, string condition) => condition
        .Replace("$w", store.Row($"SELECT id FROM wearer WHERE name='{FullStore.Ben}'"),
            StringComparison.Ordinal)
        .Replace("$p", $"'{FullStore.Pseudonym(store, FullStore.Ben)}'", StringComparison.Ordinal)
        .Replace("$n", $"'{FullStore.Ben}'", StringComparison.Ordinal);
}
