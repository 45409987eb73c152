namespace SpasmStream.Tests.Store;

public sealed class LongReaderTests
{
    [Fact]
    public async Task F41_While_a_reader_stays_every_write_goes_through_and_it_sees_what_it_saw()
    {
        using var store = new TempStore();
        await store.AppendAsync(Some.Bpm(0, 60));
        using (var reader = store.File.OpenReader())
        {
            using var count = reader.CreateCommand();
            count.CommandText = "BEGIN; SELECT count(*) FROM sample";
            Assert.Equal(1L, count.ExecuteScalar());
            count.CommandText = "SELECT count(*) FROM sample";
            // Twice as much as fills the log to where it is written back.
            for (var i = 1; i <= 200; i++)
                Assert.All(await store.AppendAsync([.. Enumerable.Range(0, 60).Select(second =>
                    Some.Bpm(i * 60 + second, 60))]), outcome => Assert.Null(outcome.Reason));

            Assert.Equal(1L, count.ExecuteScalar());
            Assert.Equal("12001", store.Row("SELECT count(*) FROM sample"));
        }

        // Gone, it holds nothing back any more.
        store.Close();
        Assert.False(File.Exists(store.File.Path + "-wal"));
    }
}
