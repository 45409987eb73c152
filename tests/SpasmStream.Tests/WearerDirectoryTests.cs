using SpasmStream.Core.Signals;
using SpasmStream.Worker;

namespace SpasmStream.Tests;

public sealed class WearerDirectoryTests
{
    static readonly WearerId _ada = new("ada");
    static readonly WearerId _eve = new("eve");

    [Fact]
    public void A_stranger_is_admitted_only_where_strangers_are()
    {
        List<WearerOptions> listed = [new() { Id = "ada", Zone = "Europe/Berlin" }];

        Assert.False(new WearerDirectory(listed, admitsStrangers: false).Admits(_eve));
        Assert.True(new WearerDirectory(listed, admitsStrangers: false).Admits(_ada));
        Assert.True(new WearerDirectory(listed, admitsStrangers: true).Admits(_eve));
        Assert.DoesNotContain(_eve, new WearerDirectory(listed, admitsStrangers: true).Listed);
    }

    [Fact]
    public void A_profile_is_what_the_configuration_says()
    {
        var options = new WearerOptions
        {
            Id = "ada",
            Zone = "Europe/Berlin",
            QuietFrom = new(21, 0),
            BirthYear = 1985,
            AlertMode = AlertMode.Promising,
        };
        options.FreeDays.Add(DayOfWeek.Sunday);
        options.PreferredDevices.Add("strap");
        var profile = new WearerDirectory([options], admitsStrangers: false).ProfileOf(_ada);

        Assert.Equal("Europe/Berlin", profile.Zones[0].Zone.Id);
        Assert.Equal(new LocalTime(21, 0), profile.QuietFrom);
        Assert.Equal([IsoDayOfWeek.Sunday], profile.FreeDays);
        Assert.Equal(["strap"], profile.PreferredDevices);
        Assert.Equal((1985, AlertMode.Promising), (profile.BirthYear, profile.AlertMode));
    }

    [Fact]
    public void Moves_are_in_the_order_of_time()
    {
        var options = new WearerOptions { Id = "ada", Zone = "Europe/Berlin" };
        options.Moves.Add(new() { From = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), Zone = "Asia/Tokyo" });
        options.Moves.Add(new() { From = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero),
            Zone = "America/New_York" });

        var zones = new WearerDirectory([options], admitsStrangers: false).ProfileOf(_ada).Zones;

        Assert.Equal(["Europe/Berlin", "America/New_York", "Asia/Tokyo"], zones.Select(stay => stay.Zone.Id));
    }

    [Fact]
    public void A_zone_for_strangers_must_exist() =>
        Assert.Throws<SetupException>(() => new WearerDirectory([], admitsStrangers: true, "Europe/Nowhere"));
}
