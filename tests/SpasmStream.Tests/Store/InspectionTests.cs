using Microsoft.Extensions.Time.Testing;
using SpasmStream.Worker;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class InspectionTests
{
    readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 8, 21, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_sound_store_is_left_as_it_is_from_start_to_start()
    {
        using var store = new TempStore();

        for (var start = 0; start < 3; start++)
        {
            Assert.Null(Inspect(store));
            await store.AppendAsync(Some.Bpm(start, 60));
            store.Close();
            new Inspection(store.Options.Directory, _time).Leave();
        }

        Assert.Equal("3", store.Row("SELECT count(*) FROM sample"));
        Assert.Equal("0", store.Row("SELECT count(*) FROM gap"));
        Assert.Equal(store.Row("SELECT store FROM instance"),
            InstanceMark.Read(store.Options.Directory)!.Store);
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(16, 4)]
    [InlineData(100, 40)]
    [InlineData(4096, 64)]
    public async Task F37_A_damaged_store_is_put_aside_whole_and_a_new_one_begun_with_a_gap(
        int at, int length)
    {
        using var store = new TempStore();
        Inspect(store);
        await store.AppendAsync(Some.Bpm(0, 60));
        store.Close();
        Flip(store, at, length);
        var damaged = File.ReadAllBytes(store.File.Path);
        _time.Advance(TimeSpan.FromDays(2));

        var found = Inspect(store);

        Assert.NotNull(found);
        Assert.Equal(store.File.Path + ".corrupt-20260310T210000Z", found.Path);
        Assert.Equal(damaged, File.ReadAllBytes(found.Path));
        Assert.Equal($"store_quarantined|{Some.Ms(0)}|{Some.Ms(2 * 86_400)}",
            store.Row("SELECT cause, start, end FROM gap"));
        Assert.Null(Inspect(store));
    }

    [Fact]
    public async Task F38_A_store_cut_to_nothing_is_put_aside_with_its_log()
    {
        using var store = new TempStore();
        Inspect(store);
        await store.AppendAsync(Some.Bpm(0, 60));
        store.Close();
        File.WriteAllBytes(store.File.Path, []);
        File.WriteAllText(store.File.Path + "-wal", "what is left");

        var found = Inspect(store);

        Assert.Equal("what is left", File.ReadAllText(found!.Path + "-wal"));
        Assert.Equal("1", store.Row("SELECT count(*) FROM gap WHERE cause='store_quarantined'"));
    }

    [Fact]
    public void F38_A_store_that_is_gone_is_refused_and_never_taken_for_a_first_time()
    {
        using var store = new TempStore();
        Inspect(store);
        File.Delete(store.File.Path);

        Assert.Contains("is gone", Assert.Throws<SetupException>(() => Inspect(store)).Message,
            StringComparison.Ordinal);
        Assert.False(File.Exists(store.File.Path));
    }

    [Fact]
    public void F38_Another_programs_file_and_another_store_are_refused_and_untouched()
    {
        using var store = new TempStore();
        Inspect(store);
        File.Delete(store.File.Path);
        using var other = new TempStore();
        Inspect(other);
        File.Copy(other.File.Path, store.File.Path);

        Assert.Throws<SetupException>(() => Inspect(store));

        using (var connection = store.LockFile())
        using (var command = connection.CreateCommand())
        {
            command.CommandText = "PRAGMA application_id=7; COMMIT";
            command.ExecuteNonQuery();
        }

        Assert.Throws<StoreUnusableException>(() => Inspect(store));
        Assert.Empty(Directory.GetFiles(store.Options.Directory, "*.corrupt-*"));
    }

    [Fact]
    public async Task S27_Who_was_erased_stays_so_when_the_store_is_lost()
    {
        using var store = new TempStore();
        Inspect(store);
        await store.RunAsync(session =>
        {
            session.Erased.Add(new Core.Signals.WearerId("ada"), Some.Start);
            return true;
        });
        store.Close();
        Flip(store, 0, 100);

        Assert.NotNull(Inspect(store));

        var outcome = Assert.Single(await store.AppendAsync(Some.Bpm(0, 60)));
        Assert.Equal(Reasons.Unauthorised, outcome.Reason);
    }

    Quarantined? Inspect(TempStore store) => new Inspection(store.Options.Directory, _time).Run();

    static void Flip(TempStore store, int at, int length)
    {
        var bytes = File.ReadAllBytes(store.File.Path);
        for (var i = at; i < at + length; i++)
            bytes[i] ^= 0xFF;
        File.WriteAllBytes(store.File.Path, bytes);
    }
}
