using SpasmStream.Tests.Tidy;

namespace SpasmStream.Tests;

/// <summary>The style of the house, kept by a test. Each rule is fed something bad, so it can fail.</summary>
public sealed class TidyTests
{
    const string Core = "src/SpasmStream.Core/Signals/Some.cs";
    const string Page = "src/SpasmStream.Worker/Web/Some.razor";
    const string Room = "src/SpasmStream.Worker/Intake/Some.cs";

    static readonly Dictionary<string, Func<SourceFile, IEnumerable<Finding>>> _rules = new()
    {
        [nameof(LayoutRules.FilesAreShort)] = LayoutRules.FilesAreShort,
        [nameof(LayoutRules.LinesAreShort)] = LayoutRules.LinesAreShort,
        [nameof(LayoutRules.MethodsAreShort)] = LayoutRules.MethodsAreShort,
        [nameof(LayoutRules.NamespacesMatchFolders)] = LayoutRules.NamespacesMatchFolders,
        [nameof(NameRules.TypeNamesSaySomething)] = NameRules.TypeNamesSaySomething,
        [nameof(NameRules.AWearerIsAWearer)] = NameRules.AWearerIsAWearer,
        [nameof(NameRules.InterfacesAreFew)] = NameRules.InterfacesAreFew,
        [nameof(NameRules.TypesAreSealed)] = NameRules.TypesAreSealed,
        [nameof(NameRules.OnlyCoreIsPublic)] = NameRules.OnlyCoreIsPublic,
        [nameof(CodeRules.NoClockNoSleep)] = CodeRules.NoClockNoSleep,
        [nameof(CodeRules.NoAsyncVoid)] = CodeRules.NoAsyncVoid,
        [nameof(CodeRules.NothingIsLeftOpen)] = CodeRules.NothingIsLeftOpen,
        [nameof(CodeRules.NoMachinePaths)] = CodeRules.NoMachinePaths,
    };

    public static TheoryData<string> RuleNames => [.. _rules.Keys];

    [Theory]
    [MemberData(nameof(RuleNames))]
    public void Every_file_keeps(string rule) => Finding.None(Repository.Sources.SelectMany(_rules[rule]));

    [Fact]
    public void Folders_are_one_deep() =>
        Finding.None(Repository.Files.SelectMany(LayoutRules.FoldersAreFlat));

    [Fact]
    public void The_top_level_holds_the_agreed_names() =>
        Finding.None(Repository.TopLevel.SelectMany(LayoutRules.TopLevelIsAgreed));

    [Fact]
    public void The_walk_sees_the_code()
    {
        Assert.Contains(Repository.Sources, file => file.Path == "src/SpasmStream.Core/Signals/WearerId.cs");
        Assert.Contains(Repository.Sources, file => file.Path == "tests/SpasmStream.Tests/TidyTests.cs");
        Assert.DoesNotContain(Repository.Files, path => path.Contains("/obj/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(nameof(LayoutRules.NamespacesMatchFolders), Core, "namespace SpasmStream.Core; class A;", 1)]
    [InlineData(nameof(LayoutRules.NamespacesMatchFolders), Core, "class A;", 1)]
    [InlineData(nameof(LayoutRules.NamespacesMatchFolders), Core, "namespace SpasmStream.Core.Signals;", 0)]
    [InlineData(nameof(LayoutRules.NamespacesMatchFolders), "src/SpasmStream.Worker/Program.cs", "Run();", 0)]
    [InlineData(nameof(NameRules.TypeNamesSaySomething), Core, "class SampleManager;", 1)]
    [InlineData(nameof(NameRules.TypeNamesSaySomething), Core, "enum HTTPInfo { A }", 1)]
    [InlineData(nameof(NameRules.TypeNamesSaySomething), Core, "delegate void ThingHandler();", 1)]
    [InlineData(nameof(NameRules.TypeNamesSaySomething), Core, "class Baseline; record BaseRate;", 0)]
    [InlineData(nameof(NameRules.AWearerIsAWearer), Core, "record A(int PatientCount);", 1)]
    [InlineData(nameof(NameRules.AWearerIsAWearer), Core, "class A { void B() { var userId = 1; } }", 1)]
    [InlineData(nameof(NameRules.AWearerIsAWearer), Core, "class A { int B => cert.Subject; }", 0)]
    [InlineData(nameof(NameRules.InterfacesAreFew), Core, "interface IThing;", 1)]
    [InlineData(nameof(NameRules.InterfacesAreFew), Core, "interface INotifier;", 0)]
    [InlineData(nameof(NameRules.TypesAreSealed), Core, "class A; record B; sealed class C { class D; }", 3)]
    [InlineData(nameof(NameRules.TypesAreSealed), Core, "static class A; record struct C;", 0)]
    [InlineData(nameof(NameRules.TypesAreSealed), "src/SpasmStream.Worker/Web/Today.razor.cs", "class A;", 0)]
    [InlineData(nameof(NameRules.OnlyCoreIsPublic), Room, "public sealed class A;", 1)]
    [InlineData(nameof(NameRules.OnlyCoreIsPublic), Room, "sealed class A { public int B; }", 0)]
    [InlineData(nameof(NameRules.OnlyCoreIsPublic), Core, "public sealed class A;", 0)]
    [InlineData(nameof(CodeRules.NoClockNoSleep), Core, "var a = System.DateTime.Now;", 1)]
    [InlineData(nameof(CodeRules.NoClockNoSleep), Core, "var a = DateTimeOffset.UtcNow; Thread.Sleep(1);", 2)]
    [InlineData(nameof(CodeRules.NoClockNoSleep), Core, "var a = \"DateTime.Now\"; // DateTime.Now", 0)]
    [InlineData(nameof(CodeRules.NoClockNoSleep), Page, "<b>@DateTime.Now</b>", 1)]
    [InlineData(nameof(CodeRules.NoAsyncVoid), Core, "class A { async void B() {} void C() {} }", 1)]
    [InlineData(nameof(CodeRules.NoAsyncVoid), Page, "async void B()", 1)]
    [InlineData(nameof(CodeRules.NothingIsLeftOpen), Core, "throw new NotImplementedException();", 1)]
    [InlineData(nameof(CodeRules.NothingIsLeftOpen), Core, "Run(); // TODO write", 1)]
    [InlineData(nameof(CodeRules.NothingIsLeftOpen), Core, "/// <summary>FIXME</summary>\nclass A;", 1)]
    [InlineData(nameof(CodeRules.NothingIsLeftOpen), Core, "#region a\n#endregion", 1)]
    [InlineData(nameof(CodeRules.NothingIsLeftOpen), Core, "var a = \"TODO\"; // a todo list", 0)]
    [InlineData(nameof(CodeRules.NoMachinePaths), Core, "var a = \"/" + "home/ada/x\";", 1)]
    [InlineData(nameof(CodeRules.NoMachinePaths), Core, "var a = \"http://x/" + "home/\";", 0)]
    public void A_rule_sees_what_is_bad(string rule, string path, string code, int findings) =>
        Assert.Equal(findings, _rules[rule](new SourceFile(path, code)).Count());

    [Fact]
    public void Lengths_are_counted_to_the_line_and_the_column()
    {
        Assert.Empty(LayoutRules.FilesAreShort(Lines(250)));
        Assert.Equal($"{Core}:251", Place(Assert.Single(LayoutRules.FilesAreShort(Lines(251)))));

        Assert.Empty(LayoutRules.LinesAreShort(Wide(110)));
        Assert.Equal($"{Core}:2", Place(Assert.Single(LayoutRules.LinesAreShort(Wide(111)))));

        Assert.Empty(LayoutRules.MethodsAreShort(Method(lines: 70)));
        Assert.Equal($"{Core}:3", Place(Assert.Single(LayoutRules.MethodsAreShort(Method(lines: 71)))));
        Assert.Empty(LayoutRules.MethodsAreShort(Lines(70, "Run();\n")));
        Assert.Equal($"{Core}:1", Place(Assert.Single(LayoutRules.MethodsAreShort(Lines(71, "Run();\n")))));

        static SourceFile Lines(int count, string line = "//\n") =>
            new(Core, string.Concat(Enumerable.Repeat(line, count)));
        static SourceFile Wide(int columns) => new(Core, "\n" + new string('a', columns));
        static SourceFile Method(int lines) =>
            new(Core, "class A\n{\n    public void B()\n{\n" + new string('\n', lines - 3) + "}\n}\n");
        static string Place(Finding finding) => $"{finding.Path}:{finding.Line}";
    }

    [Theory]
    [InlineData("src/SpasmStream.Core/Risk/A.cs", 0)]
    [InlineData("src/SpasmStream.Core/Risk/Deep/A.cs", 1)]
    [InlineData("src/SpasmStream.Worker/Web/wwwroot/css/a.css", 0)]
    [InlineData("tests/SpasmStream.Tests/Scenarios/late-night/samples.csv", 0)]
    [InlineData("tests/SpasmStream.Tests/Decoding/Golden/rr/single/message", 0)]
    [InlineData("tests/SpasmStream.Tests/Core/Risk/Deep/A.cs", 1)]
    public void A_folder_too_deep_is_seen(string path, int findings) =>
        Assert.Equal(findings, LayoutRules.FoldersAreFlat(path).Count());

    [Theory]
    [InlineData("docs", 1)]
    [InlineData("scripts", 1)]
    [InlineData("src", 0)]
    public void A_new_name_at_the_top_is_seen(string name, int findings) =>
        Assert.Equal(findings, LayoutRules.TopLevelIsAgreed(name).Count());
}
