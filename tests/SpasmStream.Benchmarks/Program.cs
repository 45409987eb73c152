using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(SpasmStream.Benchmarks.DecodeBenchmarks).Assembly).Run(args);
