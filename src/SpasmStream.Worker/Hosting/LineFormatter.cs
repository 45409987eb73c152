using System.Globalization;
using System.Text;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// One record is one line, whatever stands in it, and of one kind ten a second are written: what was left out
/// is counted and told with the next one.
/// </summary>
sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    readonly Quiet _quiet = new(time);
    readonly bool _isSystemd = SystemdHelpers.IsSystemdService();

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var kind = string.Create(CultureInfo.InvariantCulture, $"{logEntry.Category}[{logEntry.EventId.Id}]");
        if (!_quiet.Admit(kind, out var leftOut))
            return;
        // The journal has its own time, and wants to know how bad it is.
        textWriter.Write(_isSystemd ? Severity(logEntry.LogLevel)
            : time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ ", CultureInfo.InvariantCulture));
        textWriter.Write($"{Word(logEntry.LogLevel)}: {kind} ");
        WriteEncoded(textWriter, logEntry.Formatter(logEntry.State, logEntry.Exception));
        if (logEntry.Exception is { } fault)
        {
            textWriter.Write(' ');
            WriteEncoded(textWriter, fault.ToString());
        }

        if (leftOut > 0)
            textWriter.Write($" ({leftOut} more of this kind were not written)");
        textWriter.Write('\n');
    }

    /// <summary>Controls and what turns or hides text, as escapes; half of a pair likewise.</summary>
    static void WriteEncoded(TextWriter to, string? text)
    {
        foreach (var rune in (text ?? "").EnumerateRunes())
            if (rune.Value == '\n')
                to.Write("\\n");
            else if (rune.Value == '\r')
                to.Write("\\r");
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                to.Write($"\\u{rune.Value:x4}");
            else
                to.Write(rune.ToString());
    }

    static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    static string Severity(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "<7>",
        LogLevel.Information => "<6>",
        LogLevel.Warning => "<4>",
        LogLevel.Error => "<3>",
        _ => "<2>",
    };
}
