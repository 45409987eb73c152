using NetArchTest.Rules;
using SpasmStream.Core.Signals;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker;
using Assembly = System.Reflection.Assembly;

namespace SpasmStream.Tests;

/// <summary>Who may know whom, in the project files, in the text, and in what was compiled.</summary>
public sealed class ArchitectureTests
{
    const string CoreProject = "src/SpasmStream.Core/SpasmStream.Core.csproj";
    const string WorkerProject = "src/SpasmStream.Worker/SpasmStream.Worker.csproj";

    static readonly Assembly _core = typeof(WearerId).Assembly;
    static readonly Assembly _worker = typeof(Delivery).Assembly;

    /// <summary>Files, networks, threads, processes, databases and logs are for the worker.</summary>
    static readonly string[] _outside =
    [
        "System.IO", "System.Net", "System.Threading.Tasks", "System.Threading.Thread",
        "System.Threading.Channels", "System.TimeProvider", "System.Diagnostics.Process",
        "System.Diagnostics.Stopwatch", "System.Console", "System.Random", "Microsoft.Extensions",
        "Microsoft.Data", "Microsoft.AspNetCore", "MQTTnet", "Polly", "NodaTime.SystemClock",
        "NodaTime.IClock",
    ];

    public static TheoryData<string> Rooms =>
        [.. RoomRules.Rooms.Where(room => RoomRules.ForbiddenTo(room).Any())];

    [Fact]
    public void Projects_point_inwards()
    {
        var projects = Repository.Files.Where(path => Path.GetExtension(path) == ".csproj").ToList();

        Assert.Contains(CoreProject, projects);
        Finding.None(projects.SelectMany(path =>
            RoomRules.ProjectsPointInwards(path, File.ReadAllText(Repository.At(path)))));
    }

    [Fact]
    public void The_core_was_built_on_nothing_but_time_and_maths() =>
        Assert.All(_core.GetReferencedAssemblies(), assembly => Assert.True(
            assembly.Name is "NodaTime" or "MathNet.Numerics"
                || assembly.Name!.StartsWith("System.", StringComparison.Ordinal),
            $"Core uses {assembly.Name}; only NodaTime and MathNet.Numerics."));

    [Fact]
    public void The_core_has_no_file_no_network_no_clock_and_no_wait()
    {
        var result = Types.InAssembly(_core).ShouldNot().HaveDependencyOnAny(_outside).GetResult();

        Assert.True(result.IsSuccessful, $"move it to the worker: {Names(result)}");
    }

    [Fact]
    public void Rooms_keep_to_themselves_in_the_text() =>
        Finding.None(Repository.Sources.SelectMany(RoomRules.RoomsKeepToThemselves));

    /// <summary>Also what needs no using: an inferred type, a member of a member.</summary>
    [Theory]
    [MemberData(nameof(Rooms))]
    public void Rooms_keep_to_themselves_as_compiled(string room)
    {
        var forbidden = RoomRules.ForbiddenTo(room).Select(other => $"{RoomRules.Worker}.{other}").ToArray();

        var result = Types.InAssembly(_worker).That().ResideInNamespace($"{RoomRules.Worker}.{room}")
            .ShouldNot().HaveDependencyOnAny(forbidden).GetResult();

        Assert.True(result.IsSuccessful,
            $"{room} knows another room; let Pipeline.cs or Program.cs pass it in: {Names(result)}");
    }

    [Fact]
    public void Folders_of_the_worker_are_rooms() =>
        Finding.None(Repository.Files.SelectMany(RoomRules.FoldersAreRooms));

    [Theory]
    [InlineData("Intake/A.cs", "using SpasmStream.Worker.Notify;", 1)]
    [InlineData("Intake/A.cs", "using SpasmStream.Worker.Store; using SpasmStream.Worker.Intake;", 0)]
    [InlineData("Intake/A.cs", "class A { SpasmStream.Worker.Web.B c; Notify.D e; }", 2)]
    [InlineData("Assess/A.cs", "using SpasmStream.Worker.Decoding;", 1)]
    [InlineData("Counters.cs", "using static SpasmStream.Worker.Intake.B;", 1)]
    [InlineData("Pipeline.cs", "using SpasmStream.Worker.Intake; using SpasmStream.Worker.Notify;", 0)]
    [InlineData("Commands/A.cs", "using SpasmStream.Worker.Intake; using SpasmStream.Worker.Notify;", 0)]
    public void A_room_that_looks_into_another_is_seen(string file, string code, int findings) =>
        Assert.Equal(findings,
            RoomRules.RoomsKeepToThemselves(new($"src/{RoomRules.Worker}/{file}", code)).Count());

    [Theory]
    [InlineData(CoreProject, "<P><PackageReference Include='NodaTime' /></P>", 0)]
    [InlineData(CoreProject, "<P><PackageReference Include='Polly.Core' /></P>", 1)]
    [InlineData(CoreProject, "<P><ProjectReference Include='x/SpasmStream.Worker.csproj' /></P>", 1)]
    [InlineData(WorkerProject, "<P><ProjectReference Include='x/SpasmStream.Simulators.csproj' /></P>", 1)]
    [InlineData(WorkerProject,
        "<P><ProjectReference ReferenceOutputAssembly='false' Include='SpasmStream.Simulators.csproj' /></P>",
        0)]
    [InlineData("src/SpasmStream.Shared/SpasmStream.Shared.csproj", "<P />", 1)]
    public void A_project_that_points_outwards_is_seen(string path, string xml, int findings) =>
        Assert.Equal(findings, RoomRules.ProjectsPointInwards(path, xml).Count());

    [Theory]
    [InlineData("src/SpasmStream.Worker/Intake/A.cs", 0)]
    [InlineData("src/SpasmStream.Worker/Services/A.cs", 1)]
    [InlineData("src/SpasmStream.Worker/Program.cs", 0)]
    public void A_folder_that_is_no_room_is_seen(string path, int findings) =>
        Assert.Equal(findings, RoomRules.FoldersAreRooms(path).Count());

    /// <summary>The compiled check can fail: this assembly does what the core may not.</summary>
    [Fact]
    public void The_compiled_check_sees_a_dependency()
    {
        var here = Types.InAssembly(typeof(ArchitectureTests).Assembly);

        Assert.False(here.ShouldNot().HaveDependencyOnAny(_outside).GetResult().IsSuccessful);
        Assert.False(Types.InAssembly(_worker).That().ResideInNamespace(RoomRules.Worker)
            .ShouldNot().HaveDependencyOnAny("SpasmStream.Core").GetResult().IsSuccessful);
    }

    static string Names(NetArchTest.Rules.TestResult result) =>
        string.Join(", ", result.FailingTypeNames ?? []);
}
