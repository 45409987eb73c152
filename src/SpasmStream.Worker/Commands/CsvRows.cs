using CsvHelper;

namespace SpasmStream.Worker.Commands;

/// <summary>
/// The rows of a CSV file, streamed and held to limits: whatever stands in a cell is text and nothing else. A
/// row that cannot be read is told by its line and passed over.
/// </summary>
sealed class CsvRows(string path, IReadOnlyList<string> columns, Action<int, string> bad)
{
    /// <summary>Bytes of a file at most.</summary>
    public const long FileMax = 100L << 20;

    /// <summary>Columns of a file at most.</summary>
    public const int ColumnsMax = 64;

    const int RowMax = 1 << 20;
    readonly string _name = Path.GetFileName(path);

    /// <summary>
    /// The wanted columns of each row, with the line it begins in; <see cref="SetupException"/> when the file
    /// is too large, has too many columns, or lacks one that is wanted.
    /// </summary>
    public IEnumerable<(int Line, string[] Cells)> Read()
    {
        if (new FileInfo(path).Length > FileMax)
            throw new SetupException($"{_name} is larger than 100 MiB: split it.");
        using var reader = CsvReader.FromFile(path, Options());
        var wanted = Header(reader);
        while (Next(reader))
            yield return ((int)reader.LineNumber, [.. wanted.Select(reader.GetString)]);
    }

    CsvReaderOptions Options() => new()
    {
        Separator = ',',
        MaxRecordSize = RowMax,
        TrackLineNumbers = true,
        IncludeValuesInExceptions = false,
        MalformedData = CsvMalformedDataHandling.Skip,
        FieldCountMismatch = CsvFieldCountHandling.Skip,
        OnMalformedRecord = record => bad((int)record.LineNumber, record.Reason switch
        {
            CsvMalformedReason.FieldCountMismatch => "not as many cells as the first line",
            CsvMalformedReason.UnterminatedQuote => "a quote that is never closed",
            _ => "a quote where none may stand",
        }),
    };

    int[] Header(CsvReader reader)
    {
        try
        {
            reader.ReadHeader();
        }
        catch (Exception fault) when (fault is CsvFormatException or InvalidDataException)
        {
            throw new SetupException($"The first line of {_name} cannot be read as column names.");
        }

        if (reader.Headers.Count > ColumnsMax)
            throw new SetupException($"{_name} has {reader.Headers.Count} columns, {ColumnsMax} at most.");
        return [.. columns.Select(column => reader.TryGetFieldIndex(column, out var index) ? index
            : throw new SetupException($"{_name} has no column {column}."))];
    }

    // A row beyond all measure hides where the next one begins: the rest of the file is left.
    bool Next(CsvReader reader)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException fault)
        {
            bad((int)fault.LineNumber, "more than 1 MiB in one row; nothing after it was read");
            return false;
        }
    }
}
