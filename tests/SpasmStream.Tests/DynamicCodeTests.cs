using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using SpasmStream.Core.Signals;
using SpasmStream.Simulators.Wearers;
using SpasmStream.Tests.Tidy;
using SpasmStream.Worker;
using Assembly = System.Reflection.Assembly;

namespace SpasmStream.Tests;

/// <summary>What nothing that was received may ever reach, looked for in what was compiled.</summary>
public sealed class DynamicCodeTests
{
    static readonly Assembly[] _ours =
        [typeof(WearerId).Assembly, typeof(Delivery).Assembly, typeof(SimulatedWearer).Assembly];

    /// <summary>How names of types begin: code made at run time, types by input, bodies unpacked.</summary>
    static readonly string[] _forbidden =
    [
        "System.Reflection.Emit.", "Microsoft.CSharp.", "System.CodeDom.Compiler.CodeDom",
        "System.Linq.Expressions.",
        "System.Runtime.Loader.", "System.Runtime.Serialization.Formatters.", "System.Xml.",
        "System.Text.Json.Serialization.JsonPolymorphicAttribute",
        "System.Text.Json.Serialization.JsonDerivedTypeAttribute", "Newtonsoft.",
        "Microsoft.AspNetCore.RequestDecompression.",
        "Microsoft.Extensions.DependencyInjection.RequestDecompressionServiceExtensions",
    ];

    [Fact]
    public void S31_S33_No_code_is_made_at_run_time_no_type_is_named_by_input_and_no_request_is_unpacked()
    {
        foreach (var assembly in _ours)
        {
            using var file = new PEReader(File.OpenRead(assembly.Location));
            var names = file.GetMetadataReader();
            var used = names.TypeReferences.Select(names.GetTypeReference)
                .Select(it => $"{names.GetString(it.Namespace)}.{names.GetString(it.Name)}").ToList();

            Assert.Contains("System.Object", used);
            Assert.DoesNotContain(
                used, it => _forbidden.Any(no => it.StartsWith(no, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void M20_Nothing_of_ours_is_put_into_the_broker_from_inside_so_no_buffer_of_ours_is_kept_there()
    {
        using var file = new PEReader(File.OpenRead(typeof(Delivery).Assembly.Location));
        var names = file.GetMetadataReader();
        var called = names.MemberReferences
            .Select(it => names.GetString(names.GetMemberReference(it).Name)).ToList();

        Assert.Contains("PublishAsync", called);
        Assert.DoesNotContain("InjectApplicationMessage", called);
    }

    [Fact]
    public void S31_Every_pattern_ends_in_time()
    {
        var patterns = _ours.SelectMany(it => it.GetTypes())
            .SelectMany(it => it.GetMethods(System.Reflection.BindingFlags.DeclaredOnly
                | System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.Instance
                | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic))
            .SelectMany(it => it.GetCustomAttributes(typeof(GeneratedRegexAttribute), inherit: false))
            .Cast<GeneratedRegexAttribute>().ToList();

        Assert.NotEmpty(patterns);
        Assert.All(patterns, it => Assert.True(
            it.MatchTimeoutMilliseconds is > 0 and <= 100 || it.Options.HasFlag(RegexOptions.NonBacktracking),
            $"give the pattern {it.Pattern} a limit of 100 ms"));
        var ours = Repository.Sources.Where(
            it => !it.Path.StartsWith("tests/", StringComparison.Ordinal));
        Assert.DoesNotContain(ours, it => it.Lines.Any(line => Regex.IsMatch(line,
            @"new Regex\(|Regex\.(IsMatch|Match|Matches|Replace|Split)\(", RegexOptions.NonBacktracking)));
    }
}
