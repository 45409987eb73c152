using SpasmStream.Core.Features;
using SpasmStream.Tests.Store;
using SpasmStream.Worker.Hosting;
using SpasmStream.Worker.Store;

namespace SpasmStream.Tests.Commands;

/// <summary>A store in which two wearers have rows in every table that can hold any.</summary>
static class FullStore
{
    public const string Anna = "anna-lind";
    public const string Ben = "ben-holt";

    // Each stands in every text, payload and JSON of its wearer.
    public const string AnnasSecret = "lavender-canary";
    public const string BensSecret = "rosemary-canary";

    /// <summary>One of Anna's values; nobody else has it.</summary>
    public const double AnnasValue = 77.53125;

    public static async Task<TempStore> MakeAsync(int samples = 400, string? keyFile = null)
    {
        var store = new TempStore(new StoreOptions { KeyFile = keyFile, ForwardTarget = "influx" });
        await FillAsync(store, Anna, AnnasSecret, samples);
        await FillAsync(store, Ben, BensSecret, samples);
        await store.RunAsync(session => session.Execute(
            "INSERT INTO gap(cause, start, end) VALUES('stopped', 5, 6)"));
        store.Close();
        File.WriteAllText(Path.Combine(store.Options.Directory, "accounts.json"), $$"""
            {"Format":"x","Accounts":[
              {"User":"{{Anna}}-watch","Wearers":["{{Anna}}"],"PasswordHash":"pbkdf2-canary"},
              {"User":"house","Wearers":["{{Anna}}","{{Ben}}"],"PasswordHash":"h2"}]}
            """);
        File.WriteAllText(Path.Combine(store.Options.Directory, "wearers.json"),
            $$"""{"wearers":[{"id":"{{Anna}}","zone":"Europe/Berlin"},{"id":"{{Ben}}"}]}""");
        var log = new SecurityLog(store.Options.Directory);
        log.Append(new SecurityEvent(Some.Start, $"{Anna}-watch", "login", Pseudonym(store, Anna), null));
        log.Append(new SecurityEvent(Some.Start, "house", "denied", Pseudonym(store, Ben), null));
        return store;
    }

    public static Settings SettingsOf(TempStore store)
    {
        var settings = new Settings();
        settings.Store.Directory = store.Options.Directory;
        settings.Store.KeyFile = store.Options.KeyFile;
        settings.Store.ForwardTarget = store.Options.ForwardTarget;
        return settings;
    }

    public static string Pseudonym(TempStore store, string wearer) =>
        store.Row($"SELECT pseudonym FROM wearer WHERE name='{wearer}'");

    /// <summary>Every row of every table, in order: equal stores have equal lists.</summary>
    public static List<string> Everything(TempStore store, params string[] without) =>
        [.. store.Rows("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").Except(without)
            .SelectMany(table => store.Rows($"SELECT * FROM {table}").Order(StringComparer.Ordinal)
                .Select(row => $"{table}|{row}"))];

    static async Task FillAsync(TempStore store, string wearer, string secret, int samples)
    {
        var (topic, value) = ($"spasmstream/v1/in/{wearer}", wearer == Anna ? AnnasValue : 77.5);
        for (var from = 0; from < samples; from += 100)
        {
            var values = string.Join(',', Enumerable.Range(from, 100).Select(i => 60 + (i % 40)));
            await store.AppendAsync(Some.Message(
                $$"""{"v":1,"t0":{{Some.Ms(from)}},"step":1000,"bpm":[{{values}}],"src":"{{secret}}"}""",
                Some.Start + Duration.FromMinutes(60 + from), $"{topic}/watch/heart-rate"));
        }

        await store.AppendAsync(
            Some.Message(
                $$"""{"v":1,"t":{{Some.Ms(5)}},"rev":3,"bpm":{{value}},"src":"{{secret}}"}""",
                topic: $"{topic}/watch/heart-rate"),
            Some.Message($$"""{"v":1,"t":{{Some.Ms(60)}},"id":"s1","stress":6,"note":"{{secret}}"}""",
                topic: $"{topic}/diary/state"),
            Some.Message("""{"v":1,"t":"2026-03-08T21:00:00Z","state":"online","battery":50}""",
                topic: $"{topic}/watch/status"),
            Some.Message($"not json {secret}", topic: $"{topic}/watch/heart-rate"),
            Some.Message(
                $$"""{"v":1,"id":"{{secret}}","t":{{Some.Ms(90_000)}},"bpm":{{value}},"src":"{{secret}}"}""",
                topic: $"{topic}/watch/heart-rate"),
            Some.Message($$"""{"v":1,"id":"{{secret}}","rev":1,"op":"delete"}""",
                topic: $"{topic}/watch/heart-rate"));
        await store.RunAsync(session =>
        {
            var hour = new HourSummary(Some.Start, Some.Start,
                [.. Enumerable.Repeat(new MinuteCell(61.5, null), 60)]);
            session.Forward!.Mirror(
                MirroredKind.Alert, session.Names.Wearer(new(wearer), Some.Start), secret);
            return session.Execute(Rows, ("$n", wearer), ("$s", secret), ("$j", $"{{\"x\":\"{secret}\"}}"),
                ("$cells", hour.ToBytes()));
        });
    }

    const string Rows = """
        INSERT INTO hour_summary SELECT id, 7, 8, $cells FROM wearer WHERE name=$n;
        INSERT INTO hour_digest SELECT id, 7, 8, 60, 61, 60, 62, 0, NULL FROM wearer WHERE name=$n;
        INSERT INTO thinned SELECT id, 7 FROM wearer WHERE name=$n;
        INSERT INTO day_summary SELECT id, '2026-03-08', 8, $j FROM wearer WHERE name=$n;
        INSERT INTO forecast(wearer, issued, date, kind, target, origin, probability, base_rate, band,
            at_risk, gap, coverage, data_until, gate, model, alerted, features, reasons)
            SELECT id, 9, '2026-03-08', 'Morning', 'migraine', 'live', 0.25, 0.1, 'High', 1, $s, 1, 9,
                'early', $s, 1, '[' || $j || ']', '[]' FROM wearer WHERE name=$n;
        INSERT INTO risk_window SELECT id, 'migraine', 9, NULL, 9, 0.25, 2.5, 'High', $j
            FROM wearer WHERE name=$n;
        INSERT INTO preceded SELECT id, $s, 10, 9 FROM wearer WHERE name=$n;
        INSERT INTO alert SELECT 'a' || $s, id, 9, 9, $j FROM wearer WHERE name=$n;
        INSERT INTO outbox SELECT 'o' || $s, 'mqtt', id, 9, $j, 'delivered', 1, 9, 10, 11, $s
            FROM wearer WHERE name=$n;
        INSERT INTO gap(wearer, device, cause, start, end, lost) SELECT id, $s, 'offline', 1, 2, 3
            FROM wearer WHERE name=$n;
        INSERT INTO broker_session VALUES($n || ':1', '["spasmstream/v1/out/' || $n || '/#"]', 98, 99);
        """;
}
