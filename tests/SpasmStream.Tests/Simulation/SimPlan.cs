using System.Globalization;

namespace SpasmStream.Tests.Simulation;

/// <summary>Everything that is drawn from a seed before a run begins; it prints itself whole.</summary>
sealed record SimPlan(ulong Seed)
{
    // What is published.
    public int Devices { get; init; }
    public int SecondsBetween { get; init; }
    public int Bursts { get; init; }
    public int BurstOf { get; init; }
    public double Qos0 { get; init; }
    public double Retained { get; init; }
    public double Corrected { get; init; }
    public double Malformed { get; init; }
    public double SentTwice { get; init; }
    public double Columns { get; init; }

    // The broker and the line to it; rates are an hour.
    public int LineMs { get; init; }
    public double Cuts { get; init; }
    public double HalfOpen { get; init; }
    public double Outages { get; init; }
    public int OutageSeconds { get; init; }
    public double SessionLoss { get; init; }
    public double Refusals { get; init; }
    public double CutInConnect { get; init; }
    public int ReceiveMaximum { get; init; }
    public int KeepAliveSeconds { get; init; }
    public uint SessionSeconds { get; init; }

    // The disk.
    public int SyncMs { get; init; }
    public double Fulls { get; init; }
    public int FullSeconds { get; init; }

    // The worker.
    public int BatchMessages { get; init; }
    public int HighWater { get; init; }
    public int HardCap { get; init; }
    public double Kills { get; init; }
    public double KillAtPlace { get; init; }
    public double PowerLoss { get; init; }
    public double Stops { get; init; }

    // InfluxDB.
    public double InfluxFaults { get; init; }
    public int InfluxFaultSeconds { get; init; }
    public int InfluxMs { get; init; }
    public int BodyMax { get; init; }
    public int BadOneIn { get; init; }

    public static SimPlan Draw(ulong seed)
    {
        var numbers = new SeededNumbers(seed ^ 0x5EED);
        var highWater = numbers.Pick(20, 100, 2_000);
        return new SimPlan(seed)
        {
            Devices = 1 + numbers.Next(4),
            SecondsBetween = numbers.Pick(40, 90, 200),
            Bursts = numbers.Next(4),
            BurstOf = numbers.Pick(30, 150, 400),
            Qos0 = numbers.Pick(0, 0, 0.2),
            Retained = numbers.Pick(0, 0.02),
            Corrected = numbers.Pick(0, 0.1, 0.3),
            Malformed = numbers.Pick(0, 0.05),
            SentTwice = numbers.Pick(0, 0.05, 0.3),
            Columns = numbers.Pick(0, 0.1, 0.3),
            LineMs = numbers.Pick(1, 30, 600),
            Cuts = numbers.Pick(0, 2, 20.0),
            HalfOpen = numbers.Pick(0, 0.3),
            Outages = numbers.Pick(0, 0.5, 2.0),
            OutageSeconds = numbers.Pick(5, 120, 1_500),
            SessionLoss = numbers.Pick(0, 0.3, 1.0),
            Refusals = numbers.Pick(0, 0.3),
            CutInConnect = numbers.Pick(0, 0.2),
            ReceiveMaximum = numbers.Pick(5, 20, 500, 65_535),
            KeepAliveSeconds = numbers.Pick(0, 0, 10),
            SessionSeconds = numbers.Pick(0u, 0u, 900u),
            SyncMs = numbers.Pick(4, 30, 400),
            Fulls = numbers.Pick(0, 0.3, 1.0),
            FullSeconds = numbers.Pick(10, 300, 1_800),
            BatchMessages = numbers.Pick(1, 7, 500),
            HighWater = highWater,
            HardCap = highWater * numbers.Pick(2, 2, 5),
            Kills = numbers.Pick(0, 0.5, 2.0),
            KillAtPlace = numbers.Pick(0, 0.002, 0.02),
            PowerLoss = numbers.Pick(0, 0.5, 1.0),
            Stops = numbers.Pick(0, 0.5),
            InfluxFaults = numbers.Pick(0, 1.0, 4.0),
            InfluxFaultSeconds = numbers.Pick(20, 120, 900),
            InfluxMs = numbers.Pick(3, 60, 2_000),
            BodyMax = numbers.Pick(0, 0, 4_000),
            BadOneIn = numbers.Pick(0, 0, 101),
        };
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"""
        seed {Seed}: Devices={Devices} SecondsBetween={SecondsBetween} Bursts={Bursts} BurstOf={BurstOf}
        Qos0={Qos0} Retained={Retained} Corrected={Corrected} Malformed={Malformed} SentTwice={SentTwice}
        Columns={Columns} LineMs={LineMs} Cuts={Cuts} HalfOpen={HalfOpen} Outages={Outages}
        OutageSeconds={OutageSeconds} SessionLoss={SessionLoss} Refusals={Refusals}
        CutInConnect={CutInConnect} ReceiveMaximum={ReceiveMaximum} KeepAliveSeconds={KeepAliveSeconds}
        SessionSeconds={SessionSeconds} SyncMs={SyncMs} Fulls={Fulls} FullSeconds={FullSeconds}
        BatchMessages={BatchMessages} HighWater={HighWater} HardCap={HardCap} Kills={Kills}
        KillAtPlace={KillAtPlace} PowerLoss={PowerLoss} Stops={Stops} InfluxFaults={InfluxFaults}
        InfluxFaultSeconds={InfluxFaultSeconds} InfluxMs={InfluxMs} BodyMax={BodyMax} BadOneIn={BadOneIn}
        """);
}
