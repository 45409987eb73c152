using SpasmStream.Core.Episodes;
using SpasmStream.Core.Risk;

namespace SpasmStream.Tests.Risk;

public sealed class AttackHistoryTests
{
    static readonly LocalDate _date = new(2026, 6, 10);

    static AttackHistory Of(params Episode[] episodes) => AttackHistory.Of(episodes, Story.ProfileOf());

    static Instant At(int day, int hour) => Story.At(_date.PlusDays(day), hour);

    static IssueTime Morning(int day) => new(At(day, 8), _date.PlusDays(day), ForecastKind.Morning);

    static IssueTime Evening(int day) => new(At(day, 20), _date.PlusDays(day), ForecastKind.Evening);

    static bool? Label(AttackHistory history, IssueTime issue, Instant? contact = null,
        LocalDate? quiet = null) =>
        history.Label(issue, contact, day => day == quiet);

    [Fact]
    public void An_attack_and_the_day_after_it_are_not_at_risk()
    {
        var history = Of(Story.Migraine(At(0, 10), Duration.FromHours(6)));
        Assert.Equal(AttackPhase.Free, history.PhaseAt(At(0, 10) - Duration.Epsilon));
        Assert.Equal(AttackPhase.Attack, history.PhaseAt(At(0, 10)));
        Assert.Equal(AttackPhase.Attack, history.PhaseAt(At(0, 16) - Duration.Epsilon));
        Assert.Equal(AttackPhase.AfterAttack, history.PhaseAt(At(0, 16)));
        Assert.Equal(AttackPhase.AfterAttack, history.PhaseAt(At(1, 16) - Duration.Epsilon));
        Assert.Equal(AttackPhase.Free, history.PhaseAt(At(1, 16)));
    }

    [Fact]
    public void An_attack_without_an_end_lasts_a_day()
    {
        var history = Of(Story.Migraine(At(0, 10)));
        Assert.Equal(AttackPhase.Attack, history.PhaseAt(At(1, 9)));
        Assert.Equal(AttackPhase.Free, history.PhaseAt(At(2, 10)));
    }

    [Fact]
    public void Episodes_with_less_than_a_day_between_them_are_one_attack()
    {
        var first = Story.Migraine(At(0, 10), Duration.FromHours(6));
        Assert.Single(Of(first, Story.Migraine(At(1, 15), Duration.FromHours(4))).Attacks);
        Assert.Equal(2, Of(first, Story.Migraine(At(1, 16), Duration.FromHours(4))).Attacks.Count);
        Assert.Equal(At(1, 19), Of(Story.Migraine(At(1, 15), Duration.FromHours(4)), first).Attacks[0].End);
    }

    [Fact]
    public void A_single_free_day_between_two_day_only_attacks_is_the_same_attack()
    {
        Assert.Single(Of(Story.DayOnly(_date), Story.DayOnly(_date.PlusDays(2))).Attacks);
        Assert.Equal(2, Of(Story.DayOnly(_date), Story.DayOnly(_date.PlusDays(3))).Attacks.Count);
    }

    [Fact]
    public void Only_migraine_and_aura_are_attacks()
    {
        var episode = Story.Migraine(At(0, 10));
        Assert.Single(Of(episode with { Type = EpisodeType.Aura }).Attacks);
        foreach (var type in Enum.GetValues<EpisodeType>().Except([EpisodeType.Aura, EpisodeType.Migraine]))
            Assert.Empty(Of(episode with { Type = type }).Attacks);
    }

    [Fact]
    public void A_day_that_touches_an_attack_or_the_day_after_it_is_masked()
    {
        var history = Of(Story.Migraine(At(1, 10), Duration.FromHours(6)));
        var masked = Enumerable.Range(0, 4).Select(d => new Story().Ordinary(_date.PlusDays(d)))
            .Select(history.Masks);
        Assert.Equal([false, true, true, false], masked);
    }

    [Fact]
    public void An_onset_counts_within_the_24_hours_after_an_issue_time()
    {
        var history = Of(Story.Migraine(At(1, 8)));
        Assert.True(Label(history, Morning(0)));
        Assert.False(Label(history, Morning(-1), contact: At(1, 8)));
        Assert.False(history.IsFollowed(Morning(1)));
    }

    [Fact]
    public void A_day_without_an_onset_is_open_until_the_diary_is_touched_two_days_on()
    {
        var history = Of();
        Assert.Null(Label(history, Morning(0)));
        Assert.Null(Label(history, Morning(0), contact: At(2, 8) - Duration.Epsilon));
        Assert.False(Label(history, Morning(0), contact: At(2, 8)));
    }

    [Fact]
    public void Saying_no_attack_closes_the_day()
    {
        Assert.False(Label(Of(), Morning(0), quiet: _date));
        Assert.Null(Label(Of(), Evening(0), quiet: _date));
        Assert.False(Label(Of(), Evening(0), quiet: _date.PlusDays(1)));
    }

    [Fact]
    public void A_day_only_onset_labels_its_day_and_no_hour()
    {
        var history = Of(Story.DayOnly(_date));
        Assert.True(Label(history, Morning(0)));
        Assert.True(Label(history, Evening(-1)));
        Assert.Null(Label(history, Morning(-1)));
        Assert.Equal(AttackPhase.Free, history.PhaseAt(Morning(0).At));
        Assert.Equal(AttackPhase.Attack, history.PhaseAt(Evening(0).At));
        Assert.Equal(AttackPhase.AfterAttack, history.PhaseAt(Morning(1).At));
        Assert.Equal(AttackPhase.Free, history.PhaseAt(Morning(2).At));
    }
}
