using NodaTime;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Commands;

/// <summary>The dead letters to be looked at, also beside a running worker.</summary>
sealed class DeadLetterShelf
{
    readonly Settings _settings;
    readonly StoreFile _file;

    DeadLetterShelf(Settings settings, StoreFile file) => (_settings, _file) = (settings, file);

    public static DeadLetterShelf Open(string? config)
    {
        var (settings, _) = Settings.Load(config);
        var file = StoreFile.Of(settings.Store);
        if (!File.Exists(file.Path))
            throw new SetupException($"There is no store in {settings.Store.Directory}.");
        return new DeadLetterShelf(settings, file);
    }

    public int List(DeadLetterFilter filter, int limit, bool json)
    {
        using var reader = _file.OpenReader();
        var rows = DeadLetterRow.Newest(reader, filter, limit);
        Answer.Print(json, new { DeadLetters = rows.Select(Told.Of).ToList() }, _ =>
        {
            if (rows.Count == 0)
                Console.WriteLine("No dead letters.");
            else
                TextTable.Print(["id", "received", "reason", "topic", "items", "bytes", "detail"],
                    rows.Select(row => (string[])[$"{row.Id}", row.Received.ToString(), row.Reason,
                        Visible.Line(row.Topic), $"{row.Items}", $"{row.Size}", Visible.Line(row.Detail)]));
        });
        return ExitCode.Clean;
    }

    public int Show(long id, bool raw, bool json)
    {
        using var reader = _file.OpenReader();
        if (DeadLetterRow.Newest(reader, new DeadLetterFilter { Id = id }, 1) is not [var row])
        {
            Console.Error.WriteLine($"There is no dead letter {id}.");
            return ExitCode.Usage;
        }

        var payload = row.Payload(reader);
        if (raw)
        {
            using var output = Console.OpenStandardOutput();
            output.Write(payload);
            return ExitCode.Clean;
        }

        Answer.Print(json, Told.Of(row) with { PayloadBase64 = Convert.ToBase64String(payload) },
            told => Print(told, payload));
        return ExitCode.Clean;
    }

    public int Export(DeadLetterFilter filter, FileInfo output, bool json)
    {
        var (written, cut) = (0, 0);
        if (output.Exists)
            throw new SetupException($"{output.FullName} is there already; name another file.");
        using (var stream = new FileStream(output.FullName, OwnerOnly()))
        using (var reader = _file.OpenReader())
            foreach (var id in DeadLetterRow.Messages(reader, filter))
            {
                if (DeadLetterRow.Siblings(reader, id) is not [var row, ..])
                    continue;
                if (row.IsCut)
                    cut++;
                else
                {
                    NdjsonFile.Write(stream, row.Topic, row.Received, row.Payload(reader), isJson: false);
                    written++;
                }
            }

        new SecurityLog(_settings.Store.Directory).Append(new SecurityEvent(
            Instant.FromDateTimeOffset(TimeProvider.System.GetUtcNow()), "operator", "dead-letters-export",
            Wearer: null, $"{written} messages"));
        Answer.Print(json, new { Messages = written, Cut = cut, File = output.FullName }, _ =>
            Console.WriteLine($"{written} messages written to {output.FullName}"
                + (cut == 0 ? "." : $"; {cut} left out, because only their beginning was kept.")));
        return ExitCode.Clean;
    }

    static FileStreamOptions OwnerOnly()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    static void Print(Told told, byte[] payload)
    {
        Console.WriteLine($"received  {told.Received}");
        Console.WriteLine($"topic     {Visible.Line(told.Topic)}");
        Console.WriteLine($"reason    {told.Reason}");
        Console.WriteLine($"detail    {Visible.Line(told.Detail)}");
        if (told.Item is { } item)
            Console.WriteLine($"item      {item} of its batch, for {told.Items} refused");
        Console.WriteLine(
            $"payload   {told.Size} bytes" + (told.Cut ? $", the first {payload.Length} kept" : ""));
        Console.WriteLine();
        foreach (var line in Visible.Lines(payload))
            Console.WriteLine(line);
    }

    /// <summary>A dead letter as a program reads it.</summary>
    sealed record Told(long Id, Instant Received, string Topic, string? Pseudonym, string Reason,
        string Detail, int? Item, int Items, int Size, bool Cut, string? PayloadBase64 = null)
    {
        public static Told Of(DeadLetterRow row) => new(row.Id, row.Received, row.Topic, row.Pseudonym,
            row.Reason, row.Detail, row.Item, row.Items, row.Size, row.IsCut);
    }
}
