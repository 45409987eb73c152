using Microsoft.Extensions.Configuration;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Influx;

namespace SpasmStream.Tests.Influx;

/// <summary>Settings of InfluxDB that do not fit together keep the worker from starting.</summary>
public sealed class InfluxOptionsTests
{
    [Theory]
    [InlineData("Influx:Url", "influx", "Influx:Url: an address")]
    [InlineData("Influx:Url", "ftp://127.0.0.1", "Influx:Url: an address")]
    [InlineData("Influx:Url", "http://u:p@127.0.0.1:8086", "Influx:Url: a user name")]
    [InlineData("Influx:Url", "http://127.0.0.1:8086/?db=x", "Influx:Url: only the address")]
    [InlineData("Influx:Url", "http://10.0.0.7:8086", "Influx:Url: https is needed")]
    [InlineData("Influx:Url", "http://influx.example", "Influx:Url: https is needed")]
    [InlineData("Influx:User", "u", "Influx:Password:")]
    [InlineData("Influx:Password", "p", "Influx:User:")]
    [InlineData("Influx:Version", "V2", "Influx:Org:")]
    [InlineData("Influx:Token", "a\nX-Other: b", "Influx:Token:")]
    [InlineData("Influx:CaFile", "none.pem", "Influx:CaFile:")]
    [InlineData("Influx:Database", "a\" WITH", "Influx:Database:")]
    [InlineData("Influx:BatchLines", "0", "Influx:BatchLines:")]
    [InlineData("Influx:Version", "V9", "Influx:Version:")]
    public void B46_What_does_not_fit_is_told_by_its_key(string key, string value, string told) =>
        Assert.StartsWith(told, Assert.Single(Faults(("Influx:Url", "http://127.0.0.1:8086"), (key, value))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("http://127.0.0.1:8086")]
    [InlineData("http://[::1]:8086/influx")]
    [InlineData("http://localhost:8086")]
    [InlineData("https://influx.example")]
    public void S06_This_machine_or_https_is_good(string url) => Assert.Empty(Faults(("Influx:Url", url)));

    [Fact]
    public void S06_Plain_http_to_another_machine_has_to_be_wanted() => Assert.Empty(Faults(
        ("Influx:Url", "http://10.0.0.7:8086"), ("Influx:AllowInsecureHttp", "true")));

    [Theory]
    [InlineData("1")]
    [InlineData("Victoria")]
    [InlineData("auto")]
    public void A_version_may_be_written_as_it_is_said(string version) => Assert.Empty(Faults(
        ("Influx:Url", "http://127.0.0.1:8086"), ("Influx:Version", version)));

    [Fact]
    public void B48_No_name_of_a_database_gets_into_a_question_that_is_not_plain() =>
        Assert.Throws<ArgumentException>(() => InfluxQuestion.Create("t\"; DROP DATABASE t"));

    static IReadOnlyList<string> Faults(params (string Key, string Value)[] settings) => SettingsCheck.Faults(
        new ConfigurationBuilder().AddInMemoryCollection(settings.GroupBy(it => it.Key)
            .Select(it => KeyValuePair.Create<string, string?>(it.Key, it.Last().Value))).Build());
}
