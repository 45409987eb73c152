using System.ComponentModel.DataAnnotations;

namespace SpasmStream.Worker.Store;

/// <summary>Where the file lives and how much it may hold.</summary>
sealed class StoreOptions
{
    /// <summary>
    /// The folder that holds everything we keep. The default is <c>data</c> in the working folder.
    /// </summary>
    [Required]
    public string Directory { get; set; } = "data";

    /// <summary>
    /// The file with the key that payloads are encrypted with, as <c>rotate-key</c> makes it; none: they are
    /// kept clear. The default is none.
    /// </summary>
    public string? KeyFile { get; set; }

    /// <summary>Days a dead letter is kept. The default is 30.</summary>
    [Range(1, 3650)]
    public int DeadLetterDays { get; set; } = 30;

    /// <summary>MiB of dead-lettered payload kept; the oldest go first. The default is 256.</summary>
    [Range(1, 65536)]
    public int DeadLetterMebibytes { get; set; } = 256;

    /// <summary>
    /// Days a sample is kept as it was sent; at least 35, because that late one may still come. Minutes,
    /// hours and days made of it stay longer. The default is 90.
    /// </summary>
    [Range(35, 36_500)]
    public int RawDays { get; set; } = 90;

    /// <summary>
    /// Days the minutes of an hour are kept; what is left then is one row an hour. The default is 730.
    /// </summary>
    [Range(42, 36_500)]
    public int MinuteDays { get; set; } = 730;

    /// <summary>
    /// Percent the store may take of what it holds and what is free on its disk. From 70 percent of that it
    /// warns, from 95 percent it is full. The default is 80.
    /// </summary>
    [Range(1, 100)]
    public int DiskPercent { get; set; } = 80;

    /// <summary>MiB of its disk that the store leaves free. The default is 200.</summary>
    [Range(0, 1 << 20)]
    public int MinimumFreeMebibytes { get; set; } = 200;

    /// <summary>
    /// Days that what is committed may wait for InfluxDB. From 70 percent of that it warns, from 95 percent
    /// the store is full. The default is 7.
    /// </summary>
    [Range(1, 365)]
    public int WaitingDays { get; set; } = 7;

    /// <summary>
    /// MiB that may wait for InfluxDB, with the same marks. The default is 2048.
    /// </summary>
    [Range(1, 1 << 20)]
    public int WaitingMebibytes { get; set; } = 2048;

    /// <summary>Wearers beyond whom nobody new is taken in by a message. The default is 1000.</summary>
    [Range(1, 1_000_000)]
    public int MostWearers { get; set; } = 1_000;

    /// <summary>Devices of a wearer beyond which none is taken in. The default is 20.</summary>
    [Range(1, 10_000)]
    public int MostDevices { get; set; } = 20;

    /// <summary>
    /// New series (a signal of a device and source) of a wearer that are taken in on one day. The default is
    /// 100.
    /// </summary>
    [Range(1, 1_000_000)]
    public int NewSeriesPerDay { get; set; } = 100;

    /// <summary>
    /// When the store is full: <c>stop</c> takes nothing in, so that the broker keeps it; <c>drop_oldest</c>
    /// gives up samples older than 35 days first, or what has waited for InfluxDB longest, and counts them.
    /// The default is stop.
    /// </summary>
    [RegularExpression("stop|drop_oldest")]
    public string WhenFull { get; set; } = "stop";

    /// <summary>
    /// Tells the place that everything is forwarded to from any other; null when nothing is forwarded. No
    /// setting: Hosting fills it from those of InfluxDB.
    /// </summary>
    internal string? ForwardTarget { get; set; }
}
