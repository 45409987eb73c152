using System.Text;
using SpasmStream.SystemTests.Support;
using SpasmStream.Tests.BadInput;

namespace SpasmStream.SystemTests.Contract;

/// <summary>The table of bad messages over a socket, with the code each is answered with.</summary>
public sealed class BadInputTests
{
    [Fact]
    public async Task B01_to_B44_A_bad_message_is_answered_with_its_code_and_the_next_good_one_is_kept()
    {
        await using var rig = await WorkerRig.StartAsync();
        using var ada = await rig.AdaAsync();
        var now = WorkerRig.Now;
        var next = now - 30_000_000;

        foreach (var bad in BadMessages.All(now))
        {
            await ada.SendAsync(Publish(1, bad));
            Assert.Equal((bad, new Puback(1, bad.Code)), (bad, await ada.ReadPubackAsync()));

            var before = rig.Count("SELECT count(*) FROM sample");
            await ada.SendAsync(RawMqtt.Publish(2, BadMessages.HeartRate, BadMessages.Good(next++)));
            Assert.Equal((bad, new Puback(2, 0)), (bad, await ada.ReadPubackAsync()));
            Assert.Equal(before + 1, rig.Count("SELECT count(*) FROM sample"));
        }

        Assert.Equal(0, await rig.Worker.StopAsync());
        Assert.DoesNotContain(BadMessages.Canary, rig.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task B56_What_breaks_lines_and_colours_terminals_breaks_no_line_of_the_log()
    {
        await using var rig = await WorkerRig.StartAsync();
        var evil = Canaries.Plant("a\r\n2026-01-01T00:00:00.000Z info: forged\u001b[31m\u0007");
        foreach (var (id, user) in new[] { (evil, "ada"), ("x", evil), (evil, evil) })
        {
            using var it = await RawMqtt.OpenAsync(rig.BrokerPort);
            await it.SendAsync(RawMqtt.Connect(id, user, evil));
            await it.ReadAsync();
        }

        using (var ada = await rig.AdaAsync())
            await ada.SendAsync(RawMqtt.Publish(1, "spasmstream/v1/in/ada/" + evil, "{}"));
        Assert.Equal(0, await rig.Worker.StopAsync());

        Assert.DoesNotContain("forged", rig.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', rig.Process.Output);
        Assert.All(rig.Process.Output.Split('\n'), line => Assert.Matches("^\\S+Z (info|warn|fail): ", line));
    }

    static byte[] Publish(int packetId, BadMessage bad)
    {
        var topic = Encoding.UTF8.GetBytes(bad.Topic);
        // Shorter than 128, or less than 16,384 times that: one, two or three digits.
        List<byte> length = [];
        var left = bad.Properties.Length;
        do
        {
            length.Add((byte)(left > 127 ? (left & 0x7F) | 0x80 : left));
            left >>= 7;
        }
        while (left > 0);
        return RawMqtt.Frame(0x32,
            [(byte)(topic.Length >> 8), (byte)topic.Length, .. topic, 0, (byte)packetId, .. length,
                .. bad.Properties, .. bad.Payload]);
    }
}
