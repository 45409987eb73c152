using SpasmStream.Tests.Hosting;
using SpasmStream.Worker;

namespace SpasmStream.Tests;

/// <summary>The wearers added by command, as somebody's editor may leave them.</summary>
public sealed class WearerFileTests : IDisposable
{
    const string Start = "{\"Format\":\"spasmstream-wearers-1\"";

    readonly TempFolder _folder = new();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData(Start + "}")]
    [InlineData(Start + ",\"Wearers\":null}")]
    [InlineData(Start + ",\"Wearers\":[null]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":null}]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":\"ada\",\"Moves\":[null]}]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":\"ada\",\"Moves\":[{\"Zone\":null}]}]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":\"ada\",\"PreferredDevices\":[null]}]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":\"ada\",\"Moves\":null}]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":\"ada\"},{\"Id\":\"ada\"}]}")]
    [InlineData(Start + ",\"Wearers\":[{\"Id\":\"ada\",\"Zone\":\"Europe/Nowhere\"}]}")]
    public void S22_A_slip_in_the_file_is_told_with_what_to_do(string content)
    {
        _folder.Write("wearers.json", content);

        var said = Assert.Throws<SetupException>(() => new WearerFile(_folder.Path).Read()).Message;

        Assert.Contains("wearers.json cannot be read", said, StringComparison.Ordinal);
        Assert.Contains("Put back a copy", said, StringComparison.Ordinal);
    }

    [Fact]
    public void S29_To_read_changes_no_rights()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no such rights there.");
        var file = _folder.Write("wearers.json", Start + ",\"Wearers\":[]}");
        var open = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead;
        SetMode(file, open);

        Assert.Empty(new WearerFile(_folder.Path).Read());

        Assert.Equal(open, new FileInfo(file).UnixFileMode);
    }

    public void Dispose() => _folder.Dispose();

    static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, mode);
    }
}
