using System.Globalization;
using SpasmStream.Core.Risk;

namespace SpasmStream.Core.Alerting;

/// <summary>
/// What the engine says in plain English, for the page, MQTT and the command line. It tells chances and the
/// wearer's own numbers; it never promises, names a cause or advises a treatment (science 7.4).
/// </summary>
public static class Wording
{
    /// <summary>A chance in tenths: "about 3 in 10".</summary>
    public static string Chance(double probability) =>
        Math.Round(probability * 10, MidpointRounding.AwayFromZero) switch
        {
            < 1 => "less than 1 in 10",
            >= 10 => "more than 9 in 10",
            var tenths => $"about {Number(tenths)} in 10",
        };

    /// <summary>The band as a phrase.</summary>
    public static string Of(Band band) => band switch
    {
        Band.Lower => "lower-than-usual chance",
        Band.Usual => "usual chance",
        Band.Raised => "higher-than-usual chance",
        Band.High => "much higher-than-usual chance",
        _ => "not enough known",
    };

    /// <summary>One sentence for a forecast.</summary>
    public static string Of(Forecast forecast)
    {
        if (forecast.Probability is not { } chance)
            return Gap(forecast.Gap);
        var band = Of(forecast.Band);
        return $"{char.ToUpperInvariant(band[0])}{band[1..]} of {Target(forecast.Target)}"
            + $" in the next 24 hours: {Chance(chance)} (usually {Chance(forecast.BaseRate)}).";
    }

    /// <summary>An alert as a short text: the chance, the reasons, and what it is worth.</summary>
    public static string Of(Alert alert)
    {
        var text = $"Higher-than-usual chance of {Target(alert.Target)} in the next 24 hours: "
            + $"{Chance(alert.Probability)} (usually {Chance(alert.BaseRate)}).";
        foreach (var reason in alert.Reasons)
            if (reason.Push > 0)
                text += " " + Of(reason);
        return alert.Experimental ? text + " Experimental: not yet shown to beat your usual rate." : text;
    }

    /// <summary>A reason in the wearer's own numbers: "You slept 4 h 52 min; usually 7 h 11 min."</summary>
    public static string Of(Reason reason)
    {
        var (value, usual) = (reason.Value, reason.Usual);
        return reason.Measure switch
        {
            "tst" => $"You slept {Minutes(value)}{Usually(usual, Minutes)}.",
            "mid" => $"The middle of your sleep was at {Clock(value)}{Usually(usual, Clock)}.",
            "waso" => $"The night before last you lay awake for {Minutes(value)}{Usually(usual, Minutes)}.",
            "rhr_night" => $"Your heart rate at rest was {Whole(value)} a minute{Usually(usual, Whole)}.",
            "steps" => $"You took {Thousands(value)} steps{Usually(usual, Thousands)}.",
            "exertion" => "You had a day of unusually hard exercise.",
            "stress" => $"Your stress was {Tenth(value)} of 10{Usually(usual, Tenth)}.",
            "stress_drop" => value > 0
                ? $"Your stress fell by {Tenth(value)} from one evening to the next."
                : "Your stress did not fall from one evening to the next.",
            "menses" => "It is one of the first three days of your period.",
            "menses_pre" => "Your period is expected within two days.",
            "neck_spasm" => "You logged a spasm of neck or shoulder in the last day.",
            "alcohol" => $"You logged {Tenth(value)} drinks.",
            "caffeine" when reason.Feature == "caff_drop" =>
                $"You logged {Tenth(value)} servings of caffeine{Usually(usual, Tenth)}.",
            "caffeine" => $"You logged {Tenth(value)} servings of caffeine.",
            "fast" => $"You went {Tenth(value)} waking hours without a meal.",
            _ => $"{reason.Measure}: {Tenth(value)}{Usually(usual, Tenth)}.",
        };
    }

    /// <summary>Why there is no chance, from a forecast's gap.</summary>
    public static string Gap(string? gap) => gap switch
    {
        "attack" => "An attack is in progress: no forecast until a day after it.",
        "after_attack" => "An attack ended within the last day: the next forecast follows after that.",
        "learning_baseline" => "Still learning what is usual for you.",
        "no_diary" => "Not enough known: the diary has no entry for the day.",
        "no_meals" => "Not enough known: no meals were logged.",
        "no_night" => "Not enough known: there is no record of last night.",
        "night_short" => "Not enough known: the sleep recorded last night was too short to be the night.",
        "night_long" => "Not enough known: the sleep recorded last night was too long to be one night.",
        "night_coverage" => "Not enough known: the heart rate of last night has too many gaps.",
        "wear" => "Not enough known: the device was not worn for long enough.",
        _ => "Not enough known for a forecast.",
    };

    static string Target(string target) => target == "migraine" ? "a migraine attack" : $"a {target}";

    static string Usually(double? usual, Func<double?, string> say) =>
        usual is null ? "" : $"; usually {say(usual)}";

    static string Minutes(double? minutes)
    {
        var whole = (int)Math.Round(minutes ?? 0, MidpointRounding.AwayFromZero);
        return whole < 60 ? $"{Number(whole)} min" : $"{Number(whole / 60)} h {Number(whole % 60)} min";
    }

    static string Clock(double? hours)
    {
        var minutes = (int)Math.Round((hours ?? 0) * 60, MidpointRounding.AwayFromZero) % 1440;
        return string.Create(CultureInfo.InvariantCulture, $"{minutes / 60:00}:{minutes % 60:00}");
    }

    static string Whole(double? value) => Number(Math.Round(value ?? 0, MidpointRounding.AwayFromZero));

    static string Thousands(double? value) => (value ?? 0).ToString("#,0", CultureInfo.InvariantCulture);

    static string Tenth(double? value) => (value ?? 0).ToString("0.#", CultureInfo.InvariantCulture);

    static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
