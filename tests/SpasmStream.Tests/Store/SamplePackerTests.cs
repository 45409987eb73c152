using CsCheck;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Store;

public sealed class SamplePackerTests
{
    static readonly Gen<double> _anyValue = Gen.OneOf(
        Gen.Double, Gen.Int[-500, 500].Select(n => (double)n), Gen.Double.Special, Gen.Const(-0.0),
        Gen.Long.Select(n => (double)n));

    static readonly Gen<PackedSample> _any = Gen.Select(
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Long, Gen.OneOf(Gen.Const(0L), Gen.Long)), _anyValue,
        Gen.Select(Gen.Long, Gen.OneOf(Gen.Const(double.NaN), Gen.Double.Unit), Gen.Short, Gen.Bool),
        (key, value, rest) => new PackedSample(
            key.Item1, key.Item2, key.Item3, value, rest.Item1, rest.Item2, rest.Item3, rest.Item4));

    // As they come: few series, one receipt for many, starts that lie close together.
    static readonly Gen<PackedSample> _likely = Gen.Select(
        Gen.Long[1, 4], Gen.Long[1_772_000_000_000, 1_772_000_060_000], Gen.Int[0, 2], Gen.Int[40, 180],
        Gen.Select(Gen.Long[0, 3], Gen.Int[0, 1], Gen.Int[0, 1]),
        (series, start, duration, value, rest) => new PackedSample(series, start, duration * 60_000, value,
            1_772_000_000_000 + rest.Item1, rest.Item2 == 0 ? double.NaN : 0.5,
            rest.Item3 == 0 ? ForwardSample.NoOffset : (short)60, false));

    [Fact]
    public void What_is_packed_is_unpacked_bit_for_bit_also_from_a_buffer_that_was_used_before()
    {
        var packer = new SamplePacker();
        Gen.OneOf(_any, _likely).Array[0, 200].Sample(samples =>
        {
            packer.Clear();
            foreach (var sample in samples)
                packer.Add(sample);

            Assert.Equal(samples.Length, packer.Count);
            Assert.Equal(samples.Select(Bits), Unpack(packer.Bytes.ToArray()).Select(Bits));
            if (samples.Length > 0)
                Assert.Equal(samples.Min(sample => sample.Start), packer.Oldest);
        }, iter: 3_000, threads: 1);
    }

    [Fact]
    public void Bytes_that_are_cut_or_changed_are_told_and_never_read_past_their_end() =>
        Gen.Select(_likely.Array[1, 20], Gen.Int[0, 1_000], Gen.Byte).Sample((samples, at, other) =>
        {
            var packer = new SamplePacker();
            foreach (var sample in samples)
                packer.Add(sample);
            var bytes = packer.Bytes.ToArray();
            var cut = bytes[..(at % bytes.Length)];
            bytes[at % bytes.Length] ^= other;
            foreach (var damaged in (byte[][])[cut, bytes])
                try
                {
                    Unpack(damaged);
                }
                catch (InvalidDataException)
                {
                    // Said so.
                }
        }, iter: 5_000, threads: 1);

    [Fact]
    public void A_value_of_a_column_takes_about_five_bytes_and_one_of_many_streams_ten()
    {
        var packer = new SamplePacker();
        for (var second = 0; second < 60; second++)
            packer.Add(new PackedSample(
                7, 1_772_000_000_000 + second * 1000, 0, 60 + second % 30, 1_772_000_061_000, double.NaN, 60,
                false));
        Assert.InRange(packer.Bytes.Length, 60, 60 * 5 + 20);
        packer.Clear();
        for (var series = 0; series < 200; series++)
            packer.Add(new PackedSample(series, 1_772_000_000_000 + series * 37 % 1000, 0, 60 + series % 30,
                1_772_000_000_100 + series, double.NaN, ForwardSample.NoOffset, false));
        Assert.InRange(packer.Bytes.Length, 200, 200 * 10);
    }

    static List<PackedSample> Unpack(byte[] packed)
    {
        var samples = new List<PackedSample>();
        var all = new SampleUnpacker(packed);
        while (all.Next(out var sample))
            samples.Add(sample);
        return samples;
    }

    static (PackedSample, long, long) Bits(PackedSample sample) => (sample with { Value = 0, Quality = 0 },
        BitConverter.DoubleToInt64Bits(sample.Value), BitConverter.DoubleToInt64Bits(sample.Quality));
}
