using System.Text.Json;
using NodaTime;
using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// The values a member can have; each checks type and limits and answers null when absent or refused.
/// </summary>
ref partial struct MemberReader
{
    public double? Number(Member member, double min, double max)
    {
        if (!IsNumber(member))
            return null;
        if (!WireNumber.TryDouble(_json.ValueSpan, out var value))
            Fail(ReasonCode.Number, member);
        else if (value < min || value > max)
            Fail(ReasonCode.Range, member);
        else
            return value;
        return null;
    }

    public long? Integer(Member member, long min, long max, string outside = ReasonCode.Range)
    {
        if (!IsNumber(member))
            return null;
        if (!WireNumber.TryLong(_json.ValueSpan, out var value))
            Fail(WireNumber.IsWhole(_json.ValueSpan) ? ReasonCode.Number : ReasonCode.Type, member);
        else if (value < min || value > max)
            Fail(outside, member);
        else
            return value;
        return null;
    }

    public Duration? Milliseconds(Member member, long min, long max) =>
        Integer(member, min, max) is { } ms ? Duration.FromMilliseconds(ms) : null;

    public bool? Boolean(Member member)
    {
        if (_json.TokenType is JsonTokenType.True or JsonTokenType.False)
            return _json.TokenType == JsonTokenType.True;
        Expect(JsonTokenType.True, member);
        return null;
    }

    /// <summary>A text within the length of a text; null when absent or refused.</summary>
    public string? Text(Member member) => Text(member, _pass.Limits.TextLength, lines: false);

    /// <summary>Judges a text nobody wants, without making one when it is plain.</summary>
    public void CheckText(Member member)
    {
        if (_json.TokenType != JsonTokenType.String || _json.ValueIsEscaped
            || _json.ValueSpan.Length > _pass.Limits.TextLength
            || _json.ValueSpan.ContainsAnyExceptInRange((byte)' ', (byte)'~'))
            Text(member);
    }

    /// <summary>A text that may have lines and tabs and be longer.</summary>
    public string? Note(Member member) => Text(member, _pass.Limits.NoteLength, lines: true);

    /// <summary>A text of bytes, as long as it needs to be.</summary>
    public string? Encoded(Member member, int maxLength) => Text(member, maxLength, lines: false);

    /// <summary>An array of texts.</summary>
    public List<string>? Texts(Member member)
    {
        if (!Expect(JsonTokenType.StartArray, member))
            return null;
        List<string> texts = [];
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            RefuseNull(member);
            if (Text(member) is { } text)
                texts.Add(text);
        }

        return texts;
    }

    /// <summary>A name of ours, of the alphabet that wearers and devices share.</summary>
    public string? Word(Member member)
    {
        if (Text(member) is not { } word)
            return null;
        if (WearerId.IsValid(word))
            return word;
        Fail(ReasonCode.Range, member);
        return null;
    }

    /// <summary>The sender's id of a fact.</summary>
    public string? Id(Member member)
    {
        if (!Expect(JsonTokenType.String, member))
            return null;
        var text = _json.ValueSpan.Length > 6 * 64 ? "" : RawText();
        if (text.Length is > 0 and <= 64 && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        Fail(ReasonCode.Id, member);
        return null;
    }

    /// <summary>The index of the word in a list; -1 when it is not in it or not a text.</summary>
    public int Choice(Member member, ReadOnlySpan<string> words)
    {
        if (!Expect(JsonTokenType.String, member))
            return -1;
        var text = _json.ValueIsEscaped ? RawText() : null;
        for (var i = 0; i < words.Length; i++)
            if (text is null
                ? words[i].Length == _json.ValueSpan.Length && _json.ValueTextEquals(words[i])
                : text == words[i])
                return i;
        return -1;
    }

    /// <summary>The same where another word refuses the object.</summary>
    public int? Strict(Member member, ReadOnlySpan<string> words)
    {
        if (_json.TokenType == JsonTokenType.Null)
            return null;
        var choice = Choice(member, words);
        if (choice >= 0)
            return choice;
        Fail(ReasonCode.Range, member);
        return null;
    }

    /// <summary>
    /// An instant in Unix ms with the offset it was written in; its place in time is not yet judged.
    /// </summary>
    public bool TryInstant(Member member, out long unixMs, out int? offsetMinutes)
    {
        unixMs = 0;
        offsetMinutes = null;
        if (_json.TokenType == JsonTokenType.Number)
        {
            if (WireNumber.TryLong(_json.ValueSpan, out unixMs))
                return true;
            Fail(WireNumber.IsWhole(_json.ValueSpan) ? ReasonCode.Number : ReasonCode.Timestamp, member);
            return false;
        }

        if (!Expect(JsonTokenType.String, member))
            return false;
        if (WireTime.TryParse(RawBytes(), out unixMs, out offsetMinutes))
            return true;
        Fail(ReasonCode.Timestamp, member);
        return false;
    }

    public LocalDate? Date(Member member)
    {
        if (!Expect(JsonTokenType.String, member))
            return null;
        if (WireTime.TryParse(RawBytes(), out LocalDate date))
            return date;
        Fail(ReasonCode.Timestamp, member);
        return null;
    }

    /// <summary>One number or a column of them; null is a gap, anything else refuses its position.</summary>
    /// <param name="counts">Whether the values count as samples of the message.</param>
    public void Values(Member member, Column column, bool counts)
    {
        column.Begin(isArray: _json.TokenType == JsonTokenType.StartArray);
        if (!column.IsArray)
        {
            if (_json.TokenType == JsonTokenType.Null)
                column.Add(double.NaN);
            else
                column.Add(Number(member, double.NegativeInfinity, double.PositiveInfinity) ?? double.NaN);
            return;
        }

        // The object itself has been counted, so its first value is free.
        var most = counts ? _pass.Room + 1 : int.MaxValue;
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray && column.Count <= most)
        {
            if (_json.TokenType == JsonTokenType.Number)
            {
                if (WireNumber.TryDouble(_json.ValueSpan, out var value))
                    column.Add(value);
                else
                    column.AddFault(ReasonCode.Number);
            }
            else if (_json.TokenType == JsonTokenType.Null)
            {
                column.Add(double.NaN);
            }
            else
            {
                _json.Skip();
                column.AddFault(ReasonCode.Type + MemberNames.Of(member));
            }
        }

        if (counts && column.Count > 1)
            _pass.CountItem(column.Count - 1);
    }

    bool IsNumber(Member member) => Expect(JsonTokenType.Number, member);

    string? Text(Member member, int maxLength, bool lines)
    {
        if (!Expect(JsonTokenType.String, member))
            return null;
        // An escape takes up to six bytes for one character.
        var text = _json.ValueSpan.Length > 6 * maxLength ? null : RawText();
        if (text is null || text.Length > maxLength)
        {
            Fail(ReasonCode.StringLength, member);
            return null;
        }

        foreach (var c in text)
        {
            if (!char.IsControl(c) || (lines && c is '\n' or '\t'))
                continue;
            Fail(ReasonCode.Control, member);
            return null;
        }

        return text;
    }
}
