using System.Buffers.Binary;
using System.Text;

namespace SpasmStream.Worker.Store;

/// <summary>What kind a page of SQLite's trees is, by its first byte.</summary>
enum PageKind
{
    InteriorIndex = 2,
    InteriorTable = 5,
    LeafIndex = 10,
    LeafTable = 13,
}

/// <summary>
/// A page of one of SQLite's trees, after the published file format: its children, and the records in it. A
/// record that cannot be right is left out and counted; the others on its page are read.
/// </summary>
sealed class BtreePage
{
    readonly PageFile _file;
    readonly byte[] _page;
    readonly int _header;

    BtreePage(PageFile file, byte[] page, int header) => (_file, _page, _header) = (file, page, header);

    public PageKind Kind => (PageKind)_page[_header];

    public bool IsLeaf => Kind is PageKind.LeafIndex or PageKind.LeafTable;

    /// <summary>Records that could not be read so far.</summary>
    public int Damaged { get; private set; }

    /// <summary>Null for a page that belongs to no tree, or no longer can be told to.</summary>
    public static BtreePage? Open(PageFile file, int number)
    {
        var page = file.Read(number);
        var made = new BtreePage(file, page, number == 1 ? 100 : 0);
        return Enum.IsDefined(made.Kind) && made.Cells is >= 0 and var cells
            && made.Pointers + (cells * 2) <= page.Length ? made : null;
    }

    /// <summary>The pages below.</summary>
    public IEnumerable<int> Children()
    {
        if (IsLeaf)
            yield break;
        for (var i = 0; i < Cells; i++)
            if (Cell(i) is var at && at > 0 && at + 4 <= _page.Length)
                yield return (int)BinaryPrimitives.ReadUInt32BigEndian(_page.AsSpan(at));
        yield return (int)BinaryPrimitives.ReadUInt32BigEndian(_page.AsSpan(_header + 8));
    }

    /// <summary>
    /// Its records: values as SQLite gives them (long, double, string, byte[], null), after the row's number
    /// for a table that has such.
    /// </summary>
    public IEnumerable<(long RowId, object?[] Values)> Records()
    {
        if (Kind == PageKind.InteriorTable)
            yield break;
        for (var i = 0; i < Cells; i++)
            if (TryRead(Cell(i), out var rowId, out var values))
                yield return (rowId, values);
            else
                Damaged++;
    }

    int Cells => BinaryPrimitives.ReadUInt16BigEndian(_page.AsSpan(_header + 3));

    int Pointers => _header + (IsLeaf ? 8 : 12);

    int Cell(int index) => BinaryPrimitives.ReadUInt16BigEndian(_page.AsSpan(Pointers + (index * 2)));

    bool TryRead(int at, out long rowId, out object?[] values)
    {
        (rowId, values) = (0, []);
        try
        {
            if (at < Pointers)
                return false;
            if (Kind == PageKind.InteriorIndex)
                at += 4;
            var length = Varint(_page, ref at);
            if (Kind == PageKind.LeafTable)
                rowId = Varint(_page, ref at);
            if (length is < 1 or > 64 << 20)
                return false;
            values = Values(Payload(at, (int)length));
            return true;
        }
        // Whatever a damaged byte leads to is one of these.
        catch (Exception fault) when (fault is ArgumentException or IndexOutOfRangeException
            or InvalidDataException or IOException or OverflowException)
        {
            return false;
        }
    }

    byte[] Payload(int at, int length)
    {
        var usable = _page.Length;
        var most = Kind == PageKind.LeafTable ? usable - 35 : ((usable - 12) * 64 / 255) - 23;
        var least = ((usable - 12) * 32 / 255) - 23;
        var here = least + ((length - least) % (usable - 4));
        here = length <= most ? length : here <= most ? here : least;
        var payload = new byte[length];
        _page.AsSpan(at, here).CopyTo(payload);
        if (here == length)
            return payload;
        var next = (int)BinaryPrimitives.ReadUInt32BigEndian(_page.AsSpan(at + here));
        while (here < length)
        {
            if (next < 2 || next > _file.Count)
                throw new InvalidDataException("A record goes on where there is no page.");
            var page = _file.Read(next);
            var part = Math.Min(usable - 4, length - here);
            page.AsSpan(4, part).CopyTo(payload.AsSpan(here));
            here += part;
            next = (int)BinaryPrimitives.ReadUInt32BigEndian(page);
        }

        return payload;
    }

    static object?[] Values(byte[] record)
    {
        var at = 0;
        var header = checked((int)Varint(record, ref at));
        var types = new List<long>();
        while (at < header)
            types.Add(Varint(record, ref at));
        var values = new object?[types.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = Value(record, ref at, types[i]);
        return at == record.Length ? values
            : throw new InvalidDataException("A record is longer or shorter than it says.");
    }

    static object? Value(byte[] record, ref int at, long type)
    {
        var length = type switch
        {
            >= 0 and <= 4 => (int)type,
            5 => 6,
            6 or 7 => 8,
            8 or 9 => 0,
            >= 12 => checked((int)((type - 12) / 2)),
            _ => throw new InvalidDataException("A record holds a type that does not exist."),
        };
        var bytes = record.AsSpan(at, length);
        at += length;
        return type switch
        {
            0 => null,
            7 => BinaryPrimitives.ReadDoubleBigEndian(bytes),
            8 => 0L,
            9 => 1L,
            <= 6 => Integer(bytes),
            _ => type % 2 == 0 ? bytes.ToArray() : Encoding.UTF8.GetString(bytes),
        };
    }

    static long Integer(ReadOnlySpan<byte> bytes)
    {
        var value = (long)(sbyte)bytes[0];
        foreach (var next in bytes[1..])
            value = (value << 8) | next;
        return value;
    }

    static long Varint(byte[] bytes, ref int at)
    {
        var value = 0L;
        for (var i = 0; i < 8; i++)
        {
            var next = bytes[at++];
            value = (value << 7) | (uint)(next & 0x7f);
            if (next < 0x80)
                return value;
        }

        return (value << 8) | bytes[at++];
    }
}
