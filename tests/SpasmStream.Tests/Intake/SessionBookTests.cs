using Microsoft.Extensions.Options;
using SpasmStream.Tests.Store;
using SpasmStream.Worker;
using SpasmStream.Worker.Intake;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Intake;

/// <summary>What is in the file when a run ends at the worst moments around CONNECT.</summary>
public sealed class SessionBookTests : IDisposable
{
    const string Gaps = "SELECT cause, end IS NULL FROM gap";
    static readonly string[] _filters = ["in/#"];

    readonly TempStore _store = new();
    bool _isDead;

    [Fact]
    public async Task F10_Killed_after_the_welcome_and_before_the_gap_is_written_the_gap_is_there()
    {
        await KnownAsync();
        var book = Run();
        await book.AskAsync();
        _isDead = true;
        book.Connected(sessionPresent: false);

        var next = Run();
        await next.AskAsync();
        next.Connected(sessionPresent: true);
        Assert.False(next.WantsProof);
        await next.Written;
        Assert.Equal("session_unsure|1", _store.Row(Gaps));
        next.Subscribed(_filters);
        await next.Written;
        Assert.Equal("session_unsure|0", _store.Row(Gaps));

        var after = Run();
        await after.AskAsync();
        after.Connected(sessionPresent: true);
        await after.Written;
        Assert.Equal("session_unsure|0", _store.Row(Gaps));
    }

    [Fact]
    public async Task D9_The_gap_is_in_the_file_before_CONNECT_goes_out_from_when_the_link_last_stood()
    {
        var seen = await KnownAsync();

        await Run().AskAsync();

        Assert.Equal($"{seen}|1", _store.Row("SELECT start, end IS NULL FROM gap"));
    }

    [Fact]
    public async Task D9_A_kept_session_withdraws_the_gap_and_a_lost_one_gives_it_its_cause()
    {
        await KnownAsync();
        var book = Run();
        await book.AskAsync();
        book.Connected(sessionPresent: true);
        await book.Written;
        Assert.Empty(_store.Rows(Gaps));

        book.Begin();
        await book.AskAsync();
        book.Connected(sessionPresent: false);
        await book.Written;
        Assert.Equal("session_lost|1", _store.Row(Gaps));
    }

    [Fact]
    public async Task D9_A_refusal_leaves_no_gap()
    {
        await KnownAsync();
        var book = Run();
        await book.AskAsync();
        book.Refused();

        await book.Written;
        Assert.Empty(_store.Rows(Gaps));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task D9_After_a_welcome_that_was_not_heard_only_a_proof_withdraws_the_gap(bool isKnown)
    {
        await KnownAsync();
        var book = Run();
        await book.AskAsync();
        book.Begin();
        await book.AskAsync();
        book.Connected(sessionPresent: true);
        Assert.True(book.WantsProof);
        book.Proven(isKnown);
        // Cut while it subscribed: what comes now may come of that.
        book.Begin();
        await book.AskAsync();
        book.Connected(sessionPresent: true);
        Assert.False(book.WantsProof);
        book.Subscribed(_filters);
        await book.Written;

        Assert.Equal(isKnown ? [] : ["session_unsure|0"], _store.Rows(Gaps));
    }

    [Fact]
    public async Task D9_Where_no_session_was_known_nothing_is_missed()
    {
        var book = Run();
        await book.AskAsync();
        book.Connected(sessionPresent: false);
        book.Subscribed(_filters);
        await book.Written;

        Assert.Empty(_store.Rows(Gaps));
    }

    public void Dispose() => _store.Dispose();

    async Task<long> KnownAsync()
    {
        var book = Run();
        await book.AskAsync();
        book.Connected(sessionPresent: false);
        book.Subscribed(_filters);
        await book.Written;
        return long.Parse(_store.Row("SELECT seen FROM broker_session"));
    }

    // A run of the worker that ends writes nothing more; a new one opens the file, and reads it.
    SessionBook Run()
    {
        _isDead = false;
        _ = _store.Writer;
        var book = new SessionBook(Options.Create(new MqttOptions { Host = "here" }),
            client => SessionTable.Read(_store.File, client), WriteAsync,
            new ArrivalClock(new FrozenTime(Some.Start)));
        book.Begin();
        return book;
    }

    Task WriteAsync(Action<WriteSession> job) => _isDead
        ? new TaskCompletionSource().Task
        : _store.RunAsync(session =>
        {
            job(session);
            return true;
        });
}
