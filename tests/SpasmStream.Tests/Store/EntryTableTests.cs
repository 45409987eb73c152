namespace SpasmStream.Tests.Store;

public sealed class EntryTableTests
{
    const string Topic = "spasmstream/v1/in/ada/diary/state";
    const string Stress = """{"v":1,"t":"2026-03-08T21:00:00Z","id":"s1","stress":6}""";

    [Fact]
    public async Task D5_A_version_that_comes_again_is_one_row_with_its_first_receipt()
    {
        using var store = new TempStore();
        var (early, late) = (Some.Start + Duration.FromHours(1), Some.Start + Duration.FromHours(2));

        await store.AppendAsync(Some.Message(Stress, late, Topic));
        await store.AppendAsync(Some.Message(Stress, early, Topic), Some.Message(Stress, late, Topic));

        Assert.Equal($"{early.ToUnixTimeMilliseconds()}", store.Row("SELECT received FROM entry"));
        Assert.Equal("2", store.Row("SELECT value FROM counter WHERE name='EntriesDuplicate'"));
    }

    [Fact]
    public async Task D5_Every_version_of_an_entry_stays()
    {
        using var store = new TempStore();

        await store.AppendAsync(
            Some.Message(Stress.Replace("\"id\"", "\"rev\":2,\"id\"", StringComparison.Ordinal),
                topic: Topic),
            Some.Message(Stress, topic: Topic));

        Assert.Equal(["0", "2"], store.Rows("SELECT rev FROM entry ORDER BY rev"));
    }
}
