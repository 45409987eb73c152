using System.Globalization;
using System.Text;
using NodaTime;
using SpasmStream.Simulators.Publishing;
using SpasmStream.Simulators.Wearers;

namespace SpasmStream.Simulators.Devices;

/// <summary>
/// A watch with its phone at hand: a reading every 5 s and the steps of each waking minute.
/// </summary>
sealed class LiveStream(string wearer, Instant from)
{
    const int ReadingSeconds = 5;

    public IEnumerable<WireMessage> Messages(MinuteTrack track, DayPlan day, SeededRandom random)
    {
        for (var minute = 0; minute < track.HeartRate.Length; minute++)
        {
            var start = track.Start + Duration.FromMinutes(minute);
            var (rate, steps) = (track.HeartRate[minute], track.Steps[minute]);
            for (var second = 0; second < 60 && rate != MinuteTrack.Gap; second += ReadingSeconds)
            {
                var at = start + Duration.FromSeconds(second);
                var bpm = Math.Max(30, (int)Math.Round(rate + random.Normal(0, 1)));
                if (at > from)
                    yield return new(Watch.Topic(wearer, "heart-rate"), at, Json(at, $"\"bpm\":{bpm}"));
            }
            if (steps != MinuteTrack.Gap && start >= day.Night.Wake && start >= from)
                yield return new(
                    Watch.Topic(wearer, "steps"), start + Duration.FromMinutes(1),
                    Json(start, $"\"dur\":60000,\"steps\":{steps}"));
        }
    }

    static byte[] Json(Instant at, string members) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"v":1,"t":{{at.ToUnixTimeMilliseconds()}},{{members}},"src":"spasmsim"}"""));
}
