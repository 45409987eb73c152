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
    public void Who_is_new_is_admitted_at_once_who_is_gone_is_not_and_who_stays_keeps_their_profile()
    {
        var directory = new WearerDirectory([new() { Id = "ada", Zone = "Europe/Berlin" },
            new() { Id = "bob" }], admitsStrangers: false);

        var added = directory.Relist([new() { Id = "ada", Zone = "Asia/Tokyo" }, new() { Id = "eve" }]);

        Assert.Equal([_eve], added);
        Assert.True(directory.Admits(_eve));
        Assert.False(directory.Admits(new WearerId("bob")));
        Assert.Equal("Europe/Berlin", directory.ProfileOf(_ada).Zones[0].Zone.Id);
    }

    [Fact]
    public void Wearers_of_the_file_come_back_as_they_were_and_the_configuration_wins()
    {
        using var folder = new Hosting.TempFolder();
        var file = new WearerFile(folder.Path);
        var ada = new WearerOptions { Id = "ada", Zone = "Europe/Berlin", Sex = Sex.Female };
        ada.FreeDays.Add(DayOfWeek.Friday);
        ada.Moves.Add(new() { From = new(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), Zone = "Asia/Tokyo" });
        file.Change(all => all.AddRange([ada, new() { Id = "eve", AlertMode = AlertMode.Off }]));

        var merged = file.Merge([new() { Id = "eve", BirthYear = 1990 }]);

        Assert.Equal([("eve", 1990), ("ada", null)],
            merged.Select(wearer => (wearer.Id, wearer.BirthYear)));
        Assert.Equal(Sex.Female, new WearerDirectory(merged, false).ProfileOf(_ada).Sex);
        Assert.Equal([DayOfWeek.Friday], merged[1].FreeDays);
        Assert.Equal("Asia/Tokyo", Assert.Single(merged[1].Moves).Zone);
    }

    [Theory]
    [InlineData("{\"Format\":\"spasmstream-wearers-1\",\"Wear")]
    [InlineData("{}")]
    [InlineData("{\"Format\":\"spasmstream-wearers-1\",\"Wearers\":[{\"Id\":\"Ada\"}]}")]
    [InlineData("{\"Format\":\"spasmstream-wearers-1\",\"Wearers\":[{\"Id\":\"ada\",\"Zone\":\"X\"}]}")]
    public void A_torn_or_foreign_file_of_wearers_is_said_in_a_sentence(string content)
    {
        using var folder = new Hosting.TempFolder();
        folder.Write("wearers.json", content);

        Assert.Contains("wearers.json", Assert.Throws<SetupException>(
            () => new WearerFile(folder.Path).Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_for_strangers_must_exist() =>
        Assert.Throws<SetupException>(() => new WearerDirectory([], admitsStrangers: true, "Europe/Nowhere"));
}
