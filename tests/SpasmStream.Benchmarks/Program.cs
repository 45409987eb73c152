using BenchmarkDotNet.Running;
using SpasmStream.Benchmarks;

if (args is ["--scenario", "store-size", var samples])
    return await StoreSize.RunAsync(long.Parse(samples));
if (args is ["--scenario", "retention", var rows])
    await RetentionScenario.RunAsync(int.Parse(rows));
else if (args is ["--scenario", "corridor", var corridorRows])
    await CorridorScenario.RunAsync(int.Parse(corridorRows));
else if (args is ["--scenario", "read", var wearers])
    await ReadScenario.RunAsync(int.Parse(wearers));
else if (args is ["--scenario", "forward", var values])
    await ForwardScenario.RunAsync(int.Parse(values));
else
    BenchmarkSwitcher.FromAssembly(typeof(DecodeBenchmarks).Assembly).Run(args);
return 0;
