using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using NodaTime;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Benchmarks;

/// <summary>What decoding costs beside a bare pass of the JSON reader over the same bytes.</summary>
[MemoryDiagnoser]
public class DecodeBenchmarks
{
    const string Topic = "spasmstream/v1/in/ada/strap/heart-rate";

    static readonly Instant Received = Instant.FromUtc(2026, 3, 7, 22, 0);

    readonly WireDecoder _decoder = new();
    byte[] _payload = [];

    /// <summary>A single reading of some 150 bytes, or a minute of readings in one column.</summary>
    [Params("single", "column")]
    public string Message { get; set; } = "single";

    [GlobalSetup]
    public void Write()
    {
        var values = string.Join(',', Enumerable.Range(0, 60)
            .Select(i => i % 7 == 0 ? "61.5" : $"{60 + i % 30}"));
        _payload = Encoding.UTF8.GetBytes(Message == "single"
            ? """{"v":1,"t":"2026-03-07T22:41:05.120+01:00","bpm":61,"q":0.95,"src":""" +
              """ "ble-bridge/1.2","model":"Polar H10","flags":["moving"]}"""
            : $$"""{"v":1,"t0":1772919660000,"step":1000,"bpm":[{{values}}],"src":"ble-bridge/1.2"}""");
        if (_decoder.Decode(Topic, _payload, Received,
            DecodeLimits.Live).Samples.Count != (Message == "single" ? 1 : 60))
            throw new InvalidOperationException("The message of the benchmark is refused.");
    }

    [Benchmark(Baseline = true)]
    public int BareReader()
    {
        var reader = new Utf8JsonReader(_payload);
        var tokens = 0;
        while (reader.Read())
            tokens++;
        return tokens;
    }

    [Benchmark]
    public int Decode() => _decoder.Decode(Topic, _payload, Received, DecodeLimits.Live).Samples.Count;
}
