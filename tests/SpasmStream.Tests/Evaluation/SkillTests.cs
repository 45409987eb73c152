using SpasmStream.Core.Evaluation;

namespace SpasmStream.Tests.Evaluation;

public sealed class SkillTests
{
    static readonly ScoredDay[] s_days =
    [
        new(.1, .3, false), new(.2, .3, false), new(.2, .3, true), new(.4, .3, false), new(.6, .3, true),
        new(.6, .3, false), new(.8, .3, true),
    ];

    [Fact]
    public void The_worked_numbers_of_the_metrics()
    {
        Assert.Equal(0.75, Skill.Auc(s_days));
        Assert.Equal(0.2014286, Skill.Brier(s_days)!.Value, 7);
        Assert.Equal(0.2295082, Skill.BrierSkill(s_days)!.Value, 7);
        Assert.Equal(0.5855754, Skill.LogLoss(s_days)!.Value, 7);
        Assert.Equal(2.5589338, Skill.EValue(s_days), 7);
        Assert.Equal((2.9 - 3) / 7, Skill.Bias(s_days)!.Value, 12);
    }

    [Fact]
    public void The_order_of_days_does_not_matter()
    {
        var days = s_days.ToArray();
        var random = new Random(11);
        var expected = (Skill.Auc(days), Skill.Brier(days), Skill.BrierSkill(days), Skill.LogLoss(days),
            Skill.EValue(days));

        for (var round = 0; round < 20; round++)
        {
            random.Shuffle(days);
            Assert.Equal(expected, (Skill.Auc(days), Skill.Brier(days), Skill.BrierSkill(days),
                Skill.LogLoss(days), Skill.EValue(days)));
        }
    }

    [Fact]
    public void Without_both_outcomes_or_any_day_there_is_no_score()
    {
        Assert.Null(Skill.Auc(s_days.Where(day => day.Onset).ToList()));
        Assert.Null(Skill.Auc([]));
        Assert.Null(Skill.Brier([]));
        Assert.Null(Skill.BrierSkill([]));
        Assert.Null(Skill.LogLoss([]));
        Assert.Equal(1, Skill.EValue([]));
    }

    [Fact]
    public void Log_loss_is_clipped_and_the_e_value_is_not()
    {
        ScoredDay[] surprised = [new(0, .2, true)];

        Assert.Equal(-Math.Log(0.005), Skill.LogLoss(surprised)!.Value, 12);
        Assert.Equal(0, Skill.EValue(surprised));
    }

    [Theory]
    [InlineData(.5, 0)]
    [InlineData(.5, 1)]
    [InlineData(1.1, .5)]
    [InlineData(double.NaN, .5)]
    public void What_is_not_a_chance_cannot_be_bet_on(double probability, double baseRate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Skill.EValue([new(probability, baseRate, true)]));

    [Fact]
    public void Within_wearers_rates_alone_have_no_skill()
    {
        // Each wearer's forecast is constant: pooled it looks good, within a wearer it is chance.
        var often = Constant(.6, onsets: 12, quiet: 8);
        var seldom = Constant(.2, onsets: 5, quiet: 45);

        Assert.True(Skill.Auc([.. often, .. seldom]) > 0.7);
        Assert.Equal(new WithinWearerSkill(0.5, 0.5, 2), WithinWearerSkill.Of([often, seldom]));
    }

    [Fact]
    public void A_wearer_with_four_onsets_does_not_count()
    {
        var few = Constant(.2, onsets: 4, quiet: 45);

        Assert.Null(WithinWearerSkill.AucOf(few));
        Assert.Equal(new WithinWearerSkill(null, null, 0), WithinWearerSkill.Of([few]));
        Assert.Equal(1, WithinWearerSkill.Of([few, Constant(.2, onsets: 5, quiet: 1)]).Wearers);
    }

    [Fact]
    public void Concordance_weighs_wearers_by_their_pairs()
    {
        List<ScoredDay> right = [.. Days(.9, true, 5), .. Days(.1, false, 15)];
        List<ScoredDay> wrong = [.. Days(.1, true, 5), .. Days(.9, false, 5)];

        var skill = WithinWearerSkill.Of([right, wrong]);

        Assert.Equal(0.75, skill.Concordance);
        Assert.Equal(0.5, skill.MeanAuc);
    }

    static List<ScoredDay> Constant(double probability, int onsets, int quiet) =>
        [.. Days(probability, true, onsets), .. Days(probability, false, quiet)];

    static IEnumerable<ScoredDay> Days(double probability, bool onset, int count) =>
        Enumerable.Repeat(new ScoredDay(probability, .15, onset), count);
}
