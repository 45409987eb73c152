using BenchmarkDotNet.Running;
using SpasmStream.Benchmarks;

if (args is ["--scenario", "retention", var rows])
    await RetentionScenario.RunAsync(int.Parse(rows));
else
    BenchmarkSwitcher.FromAssembly(typeof(DecodeBenchmarks).Assembly).Run(args);
