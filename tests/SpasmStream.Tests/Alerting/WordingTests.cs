using System.Text.RegularExpressions;
using SpasmStream.Core.Alerting;
using SpasmStream.Core.Risk;
using SpasmStream.Tests.Risk;

namespace SpasmStream.Tests.Alerting;

public sealed partial class WordingTests
{
    static Reason Of(string measure, double? value, double? usual, string feature = "") =>
        new(feature, measure, value, usual, "1", 0.2);

    [Theory]
    [InlineData(0.02, "less than 1 in 10")]
    [InlineData(0.05, "about 1 in 10")]
    [InlineData(0.25, "about 3 in 10")]
    [InlineData(0.31, "about 3 in 10")]
    [InlineData(0.94, "about 9 in 10")]
    [InlineData(0.97, "more than 9 in 10")]
    public void A_chance_is_told_in_tenths(double chance, string text) =>
        Assert.Equal(text, Wording.Chance(chance));

    [Fact]
    public void Reasons_are_in_the_wearers_own_numbers()
    {
        Assert.Equal("You slept 4 h 52 min; usually 7 h 11 min.", Wording.Of(Of("tst", 292, 431)));
        Assert.Equal("Your heart rate at rest was 61 a minute; usually 55.",
            Wording.Of(Of("rhr_night", 61.2, 54.8)));
        Assert.Equal("Your stress fell by 6 from one evening to the next.",
            Wording.Of(Of("stress_drop", 6, 0)));
        Assert.Equal("You took 1,204 steps; usually 8,010.", Wording.Of(Of("steps", 1204, 8010)));
        Assert.Equal("The middle of your sleep was at 00:00; usually 03:15.",
            Wording.Of(Of("mid", 23.999, 3.25)));
        Assert.Equal("You logged a spasm of neck or shoulder in the last day.",
            Wording.Of(Of("neck_spasm", null, null)));
        Assert.Equal("You logged 0 servings of caffeine; usually 2.",
            Wording.Of(Of("caffeine", 0, 2, "caff_drop")));
    }

    [Fact]
    public void Every_feature_has_words_of_its_own()
    {
        foreach (var spec in FeatureTable.All.Where(s => s.Weight != 0))
            Assert.DoesNotContain("_", Wording.Of(new Reason(spec.Name, spec.Measure, 1, 2, "1", 0.1)));
        foreach (var spec in FeatureTable.All.Where(s => s.Weight != 0))
            Assert.DoesNotContain($"{spec.Measure}:",
                Wording.Of(new Reason(spec.Name, spec.Measure, 1, 2, "1", 0.1)));
    }

    [Fact]
    public void Nothing_that_is_said_uses_a_forbidden_word()
    {
        List<string> said = [];
        foreach (var spec in FeatureTable.All)
            foreach (var value in (double?[])[null, 0, 1, 300])
                said.Add(Wording.Of(new Reason(spec.Name, spec.Measure, value, 5, "1", 0.1)));
        foreach (var gap in (string?[])["attack", "after_attack", "learning_baseline", "no_diary", "no_meals",
            "no_night", "night_short", "night_long", "night_coverage", "wear", "anything", null])
            said.Add(Wording.Gap(gap));
        foreach (var assessment in RestartTests.LongStory(120).Said)
        {
            said.Add(Wording.Of(assessment.Forecast));
            said.Add(Wording.Of(assessment.Forecast.Band));
            if (assessment.Alert is { } alert)
                said.Add(Wording.Of(alert));
        }

        Assert.Contains(said, s => s.Contains("Experimental"));
        Assert.All(said, s => Assert.DoesNotMatch(Forbidden(), s));
    }

    [GeneratedRegex(
        @"\b(diagnos\w*|detect\w*|prevent\w*|will|safe|certain\w*|dose\w*|caused|treat\w*|take|drug\w*)\b",
        RegexOptions.IgnoreCase)]
    private static partial Regex Forbidden();
}
