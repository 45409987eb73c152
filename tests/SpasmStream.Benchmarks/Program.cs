using BenchmarkDotNet.Running;
using SpasmStream.Benchmarks;

if (args is ["--scenario", "store-size", var samples])
    return await StoreSize.RunAsync(long.Parse(samples));
BenchmarkSwitcher.FromAssembly(typeof(DecodeBenchmarks).Assembly).Run(args);
return 0;
