using System.Runtime.InteropServices;
using System.Text;
using SpasmStream.Tests.BadInput;
using SpasmStream.Tests.Intake;
using SpasmStream.Worker;
using SpasmStream.Worker.Decoding;

namespace SpasmStream.Tests.Decoding;

/// <summary>
/// What it costs to refuse what is made to be dear: time of this thread alone, so that a busy machine takes
/// nothing from it, and every byte asked of the heap, whether it is still held or not.
/// </summary>
public sealed class RefusalCostTests
{
    const int MiB = 1 << 20;
    static readonly DecodeLimits _anySize = new() { PayloadBytes = 16 * MiB };

    [Fact]
    public void B07_A_hundred_thousand_levels_cost_no_more_than_5_ms()
    {
        var deep = new string('[', 100_000);
        AssertCost(5, 64 * 1024, Reading(Wire.HeartRate,
            $$"""{"v":1,"t":{{Wire.Ms}},"bpm":61,"x":{{deep}}}""", "json_depth"));
        // The same levels, closed again, in a message of which all else is good.
        AssertCost(5, 64 * 1024, Reading(Wire.HeartRate,
            $$"""{"v":1,"t":{{Wire.Ms}},"bpm":61,"x":{{deep}}{{deep.Replace('[', ']')}}}""", "json_depth"));
    }

    [Fact]
    public void B12_A_number_of_ten_thousand_digits_costs_no_more_than_5_ms()
    {
        var digits = new string('9', 10_000);
        foreach (var number in new[] { digits, "61." + digits, "1e" + digits })
            AssertCost(5, 64 * 1024, Reading(Wire.HeartRate, Wire.Bpm(number), "number"));
    }

    [Fact]
    public void B15_A_million_empty_objects_cost_no_more_than_50_ms()
    {
        var million = "[" + string.Join(',', Enumerable.Repeat("{}", 1_000_000)) + "]";
        AssertCost(50, 64 * 1024, Reading(Wire.HeartRate, million, "too_large", DecodeLimits.Live));
        // Where a file may be of any size its objects are counted, and the rest is not read.
        AssertCost(50, 16 * MiB, Reading(Wire.HeartRate, million, "batch_size"));
    }

    [Theory]
    [InlineData(10 * MiB, ' ')]
    [InlineData(MiB + 1, '\0')]
    public void B41_A_bomb_costs_no_more_than_10_ms_and_2_MiB(int length, char fill)
    {
        var packed = BadMessages.Gzip(fill == ' '
            ? Encoding.ASCII.GetBytes(new string(fill, length)) : BadMessages.Noise(length));

        AssertCost(10, 2 * MiB, () =>
            Assert.Equal(Reasons.Bomb, PackedPayload.Open(Packed(), packed).Refused));
    }

    [Theory]
    [InlineData(MiB)]
    [InlineData(300 * 1024)]
    [InlineData(60_000)]
    public void B41_What_may_be_unpacked_costs_no_more_than_2_MiB_and_holds_little_empty_room(int length)
    {
        var packed = BadMessages.Gzip(BadMessages.Noise(length));

        AssertCost(10, 2 * MiB, () =>
        {
            var (payload, refused) = PackedPayload.Open(Packed(), packed);
            Assert.Null(refused);
            Assert.Equal(length, payload.Length);
            Assert.True(MemoryMarshal.TryGetArray(payload, out var room));
            Assert.True(room.Array!.Length <= 2 * payload.Length);
        });
    }

    static Action Reading(string topic, string json, string reason, DecodeLimits? limits = null)
    {
        var payload = Encoding.UTF8.GetBytes(json);
        var decoder = new WireDecoder();
        return () => Wire.AssertRefused(
            decoder.Decode(topic, payload, Wire.Received, limits ?? _anySize), reason);
    }

    // The least of several: the first is compiled, and any may be interrupted.
    static void AssertCost(double milliseconds, long bytes, Action refuse)
    {
        var (least, fewest) = (double.MaxValue, long.MaxValue);
        for (var round = 0; round < 7; round++)
        {
            var (began, held) = (ThreadTime(), GC.GetAllocatedBytesForCurrentThread());
            refuse();
            fewest = Math.Min(fewest, GC.GetAllocatedBytesForCurrentThread() - held);
            least = Math.Min(least, ThreadTime() - began);
        }

        Assert.True(least <= milliseconds, $"{least:F2} ms of this thread, not {milliseconds}");
        Assert.True(fewest <= bytes, $"{fewest:N0} bytes, not {bytes:N0}");
    }

    static UserProperties Packed()
    {
        var said = new UserProperties(replay: false);
        said.Add("content-encoding"u8, "gzip"u8);
        return said;
    }

    static double ThreadTime()
    {
        const int ThisThread = 3;
        Assert.Equal(0, ClockGetTime(ThisThread, out var time));
        return time.Seconds * 1e3 + time.Nanoseconds / 1e6;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    readonly struct TimeSpec
    {
        public readonly nint Seconds;
        public readonly nint Nanoseconds;
    }
}
