using CsCheck;
using SpasmStream.Core.Features;

namespace SpasmStream.Tests.Features;

public sealed class HourCellsTests
{
    static readonly Gen<MinuteCell> s_cell = Gen.Select(
        Gen.Int[0, 22000].Select(hundredths => hundredths / 100.0).Nullable(),
        Gen.Int[0, 30000].Select(hundredths => hundredths / 100.0).Nullable(),
        (heartRate, steps) => new MinuteCell(heartRate, steps));

    [Fact]
    public void Any_hour_comes_back_from_its_bytes_as_it_was() =>
        s_cell.Array[60].Sample(cells =>
        {
            var bytes = new HourSummary(Wear.Hour, Wear.KnownAt, cells).ToBytes();
            Assert.Equal(HourCells.Length, bytes.Length);
            Assert.Equal(cells, HourCells.FromBytes(bytes));
        });

    [Fact]
    public void A_fold_of_any_values_equals_its_stored_form() =>
        Gen.Select(Gen.Double[30, 220], Gen.Double[0, 300]).Array[1, 60].Sample(values =>
        {
            var samples = values.SelectMany((value, minute) =>
                new[] { Wear.HeartRate(minute, value.Item1), Wear.Steps(minute, value.Item2) });
            var fresh = HourFold.Fold(Wear.Hour, Wear.KnownAt, samples, []);
            Assert.Equal(fresh.Minutes, HourCells.FromBytes(fresh.ToBytes()));
        });

    [Fact]
    public void Bytes_of_another_version_or_length_are_refused()
    {
        var bytes = new HourSummary(Wear.Hour, Wear.KnownAt, new MinuteCell[60]).ToBytes();

        Assert.Throws<FormatException>(() => HourCells.FromBytes(bytes.AsSpan(1)));
        bytes[0] = 2;
        Assert.Throws<FormatException>(() => HourCells.FromBytes(bytes));
    }

    [Fact]
    public void A_value_that_does_not_fit_is_refused_not_wrapped()
    {
        var cells = new MinuteCell[60];
        cells[7] = new MinuteCell(null, 700);

        Assert.Throws<ArgumentException>(() => new HourSummary(Wear.Hour, Wear.KnownAt, cells).ToBytes());
    }
}
