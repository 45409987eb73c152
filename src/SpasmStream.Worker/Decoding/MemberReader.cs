using System.Text;
using System.Text.Json;

namespace SpasmStream.Worker.Decoding;

/// <summary>
/// Walks the objects of one payload, member by member, and reads their values; it keeps the first fault of an
/// object and reads on, so that the next object can still be good.
/// </summary>
ref partial struct MemberReader(ReadOnlySpan<byte> payload, DecodePass pass)
{
    readonly DecodePass _pass = pass;
    Utf8JsonReader _json = new(payload, new JsonReaderOptions { MaxDepth = pass.Limits.Depth });
    MemberSet _seen;
    int _serial;
    int _serials;
    int _objectStart;

    /// <summary>Why the object is refused, when it is.</summary>
    public string? Fault { get; private set; }

    public string Detail { get; private set; } = "";

    public readonly DecodePass Pass => _pass;

    public readonly JsonTokenType Token => _json.TokenType;

    public readonly int TokenStart => (int)_json.TokenStartIndex;

    public readonly int Consumed => (int)_json.BytesConsumed;

    public readonly int Depth => _json.CurrentDepth;

    /// <summary>The bytes of the object that has been read to its end.</summary>
    public readonly ReadOnlyMemory<byte> ObjectBytes => _pass.Slice(_objectStart, Consumed);

    /// <summary>
    /// The next token; throws <see cref="JsonException"/>, which the decoder catches once for all.
    /// </summary>
    public bool Read() => _json.Read();

    /// <summary>The start of an object has been read: its members follow.</summary>
    public void BeginObject()
    {
        Fault = null;
        _seen = default;
        _serial = ++_serials;
        _objectStart = TokenStart;
    }

    /// <summary>The same within an object; hand what it returns to <see cref="EndNested"/>.</summary>
    public (MemberSet Seen, int Serial) BeginNested()
    {
        var outer = (_seen, _serial);
        _seen = default;
        _serial = ++_serials;
        return outer;
    }

    /// <summary>Back to the object around.</summary>
    public void EndNested((MemberSet Seen, int Serial) outer) => (_seen, _serial) = outer;

    /// <summary>
    /// Moves to the value of the next member; false at the object's end, and when the message is refused.
    /// </summary>
    public bool Next(out Member member)
    {
        member = Member.Unknown;
        if (_pass.Fatal is not null)
            return false;
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
            return false;

        member = _json.ValueIsEscaped
            ? MemberNames.Find(Encoding.UTF8.GetBytes(RawText()))
            : MemberNames.Find(_json.ValueSpan);
        if (member == Member.Unknown)
            NoteUnknownName();
        else if (!_seen.Add(member))
            _pass.RefuseAll(ReasonCode.JsonDuplicate, $"Two members {MemberNames.Of(member)} in one object.");
        return _json.Read() && _pass.Fatal is null;
    }

    /// <summary>Refuses the object. The first reason stays.</summary>
    public void Fail(string reason)
    {
        if (Fault is not null)
            return;
        Fault = reason;
        Detail = ReasonCode.Explain(reason);
    }

    public void Fail(string reason, Member member)
    {
        if (Fault is not null)
            return;
        Fault = reason.EndsWith(':') ? reason + MemberNames.Of(member) : reason;
        Detail = $"{MemberNames.Of(member)}: {ReasonCode.Explain(Fault)}";
    }

    public void Fail(string reason, string detail)
    {
        if (Fault is null)
            FailFirst(reason, detail);
    }

    /// <summary>Refuses the object whatever else is wrong with it.</summary>
    public void FailFirst(string reason, string detail) => (Fault, Detail) = (reason, detail);

    /// <summary>
    /// Passes over the value of a member that is not known here; its own members are counted as one.
    /// </summary>
    public void SkipUnknown(Member member)
    {
        if (member != Member.Unknown)
            _pass.UnknownMembers++;
        if (_json.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
            return;

        Span<int> serials = stackalloc int[_pass.Limits.Depth + 1];
        var unknown = _pass.UnknownMembers;
        for (var end = _json.CurrentDepth; _pass.Fatal is null;)
        {
            if (_json.TokenType == JsonTokenType.StartObject)
                serials[_json.CurrentDepth] = ++_serials;
            _json.Read();
            if (_json.TokenType == JsonTokenType.PropertyName)
                NoteUnknownName(serials[_json.CurrentDepth - 1]);
            if (_json.CurrentDepth == end)
                break;
        }

        _pass.UnknownMembers = unknown;
    }

    /// <summary>
    /// Whether the value is of that type; null is absence, anything else refuses the object.
    /// </summary>
    public bool Expect(JsonTokenType type, Member member)
    {
        if (_json.TokenType == type)
            return true;
        if (_json.TokenType == JsonTokenType.Null)
            return false;
        _json.Skip();
        Fail(ReasonCode.Type, member);
        return false;
    }

    /// <summary>Refuses null too: for members that must be there.</summary>
    public void RefuseNull(Member member)
    {
        if (_json.TokenType == JsonTokenType.Null)
            Fail(ReasonCode.Type, member);
    }

    /// <summary>The bytes of a text without escapes.</summary>
    public ReadOnlySpan<byte> RawBytes() =>
        _json.ValueIsEscaped ? Encoding.UTF8.GetBytes(RawText()) : _json.ValueSpan;

    /// <summary>
    /// The text as it is; an escaped half of a surrogate pair is no text and refuses the message.
    /// </summary>
    string RawText()
    {
        try
        {
            return _json.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            _pass.RefuseAll(ReasonCode.Encoding, "An escape names half of a surrogate pair.");
            return "";
        }
    }

    void NoteUnknownName() => NoteUnknownName(_serial);

    void NoteUnknownName(int serial)
    {
        if (!_pass.NoteUnknown(serial, RawText()))
            _pass.RefuseAll(ReasonCode.JsonDuplicate, "Two members of one name in one object.");
    }
}
