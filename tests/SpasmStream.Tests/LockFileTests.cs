using System.Text.Json;
using System.Xml.Linq;
using SpasmStream.Tests.Tidy;

namespace SpasmStream.Tests;

/// <summary>What was restored once is what is restored, by version and hash, and it is asked about.</summary>
public sealed class LockFileTests
{
    static readonly string[] _projects =
        [.. Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))];

    static readonly XDocument _build = XDocument.Load(Repository.At("Directory.Build.props"));

    public static TheoryData<string> Projects => [.. _projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void S34_A_project_locks_every_package_it_asks_for_at_the_version_that_is_said_once(string project)
    {
        var versions = XDocument.Load(Repository.At("Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(it => it.Attribute("Include")!.Value, it => it.Attribute("Version")!.Value);
        var locked = Locked(project);
        string[] asked = [.. XDocument.Load(Repository.At(project)).Descendants("PackageReference")
            .Concat(_build.Descendants("PackageReference")).Select(it => it.Attribute("Include")!.Value)];

        Assert.All(asked, name =>
        {
            var (_, type, version, _) = Assert.Single(locked, it => it.Name == name);
            Assert.Equal(("Direct", versions[name]), (type, version));
        });
    }

    [Fact]
    public void S34_Every_package_has_a_hash_and_the_same_one_everywhere()
    {
        var all = _projects.SelectMany(Locked).Where(it => it.Type != "Project").ToList();

        Assert.True(all.Count > 100);
        Assert.All(all, it => Assert.Equal(512 / 8, Convert.FromBase64String(it.Hash).Length));
        Assert.All(all.GroupBy(it => (it.Name, it.Version)),
            same => Assert.Single(same.Select(it => it.Hash).Distinct()));
    }

    // Off in a build, because what is found today must not break one of yesterday; tests/run turns it on.
    [Fact]
    public void S34_The_audit_knows_whom_to_ask_and_about_everything()
    {
        Assert.Equal("true", Said("RestorePackagesWithLockFile"));
        Assert.Equal("all", Said("NuGetAuditMode"));
        Assert.Equal("low", Said("NuGetAuditLevel"));
        Assert.NotEmpty(XDocument.Load(Repository.At("nuget.config"))
            .Descendants("auditSources").Elements("add"));
        Assert.Contains("-p:NuGetAudit=true", File.ReadAllText(Repository.At("tests/run")),
            StringComparison.Ordinal);
    }

    static string Said(string property) => Assert.Single(_build.Descendants(property)).Value;

    static List<(string Name, string Type, string Version, string Hash)> Locked(string project)
    {
        var path = Path.Combine(Path.GetDirectoryName(Repository.At(project))!, "packages.lock.json");
        using var file = JsonDocument.Parse(File.ReadAllText(path));
        return [.. file.RootElement.GetProperty("dependencies").EnumerateObject()
            .SelectMany(framework => framework.Value.EnumerateObject())
            .Select(it => (it.Name, Of(it.Value, "type"), Of(it.Value, "resolved"),
                Of(it.Value, "contentHash")))];
    }

    static string Of(JsonElement package, string name) =>
        package.TryGetProperty(name, out var said) ? said.GetString()! : "";
}
