using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Hosting;

/// <summary>
/// Finds everything that is wrong with a configuration, each fault in one line that begins with its key.
/// </summary>
static class SettingsCheck
{
    // Read by the host and by the simulators that run beside us, not by us.
    static readonly string[] ForeignSections =
    [
        "Logging", "DATA", "REQUIRE", "NIGHTLY",
#if FAILPOINTS
        "FAILPOINTS",
#endif
    ];

    public static IReadOnlyList<string> Faults(IConfiguration configuration)
    {
        // What is not known here hides nothing; what cannot be read keeps us from going on.
        var (unknown, faults) = (new List<string>(), new List<string>());
        foreach (var section in configuration.GetChildren())
            if (!ForeignSections.Any(f => section.Key.StartsWith(f, StringComparison.OrdinalIgnoreCase)))
                Walk(section, typeof(Settings), unknown, faults);
        if (faults.Count > unknown.Count)
            return faults;

        var settings = new Settings();
        configuration.Bind(settings);
        var found = new List<string>();
        Annotated(settings, "", found);
        if (found.Count == 0)
            Related(settings, found);
        return [.. faults, .. found];
    }

    static void Walk(
        IConfigurationSection section, Type owner, List<string> unknown, List<string> faults)
    {
        var property = owner.GetProperty(section.Key,
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
        if (property is null || property is { CanWrite: false, PropertyType.IsValueType: true })
        {
            unknown.Add(section.Path);
            faults.Add($"{section.Path}: there is no such setting. Known here: {Known(owner)}.");
        }
        else
        {
            Check(section, property.PropertyType, unknown, faults);
        }
    }

    static void Check(
        IConfigurationSection section, Type type, List<string> unknown, List<string> faults)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var isList = plain != typeof(string) && typeof(IEnumerable).IsAssignableFrom(plain);
        var isSection = plain is { IsEnum: false, Namespace: { } space }
            && space.StartsWith("SpasmStream", StringComparison.Ordinal);
        if ((isList || isSection) && section.Value is { Length: > 0 })
            faults.Add($"{section.Path}: a {(isList ? "list" : "section")} belongs here.");
        else if (isList)
            foreach (var item in section.GetChildren())
                Check(item, plain.GetGenericArguments()[0], unknown, faults);
        else if (isSection)
            foreach (var child in section.GetChildren())
                Walk(child, plain, unknown, faults);
        else if (section.GetChildren().Any())
            faults.Add($"{section.Path}: a single value belongs here.");
        else if (section.Value?.Contains('\0') == true)
            faults.Add($"{section.Path}: a NUL may not stand in a value.");
        else if (string.IsNullOrEmpty(section.Value)
            ? plain.IsValueType && plain == type
            : !Converts(plain, section.Value))
            faults.Add($"{section.Path}: this is not {Wanted(plain)}.");
    }

    static bool Converts(Type type, string value)
    {
        try
        {
            var converted = TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return converted is not null && (!type.IsEnum || Enum.IsDefined(type, converted));
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException or NotSupportedException
            or OverflowException)
        {
            return false;
        }
    }

    static void Annotated(object options, string path, List<string> faults)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(
            options, new ValidationContext(options), results, validateAllProperties: true);
        faults.AddRange(results.Select(r =>
            $"{Join(path, r.MemberNames.FirstOrDefault())}: {r.ErrorMessage}"));
        foreach (var property in options.GetType().GetProperties())
        {
            var name = Join(path, property.Name);
            if (property.PropertyType.Namespace?.StartsWith("SpasmStream", StringComparison.Ordinal) != true
                && property.PropertyType != typeof(string)
                && property.GetValue(options) is IList items)
                for (var i = 0; i < items.Count; i++)
                {
                    if (items[i] is { } item
                        && item.GetType().Namespace!.StartsWith("SpasmStream", StringComparison.Ordinal))
                        Annotated(item, $"{name}:{i}", faults);
                }
            else if (property.PropertyType is { IsClass: true } type && type != typeof(string)
                && type.Namespace!.StartsWith("SpasmStream", StringComparison.Ordinal)
                && property.GetValue(options) is { } inner)
                Annotated(inner, name, faults);
        }
    }

    static void Related(Settings settings, List<string> faults)
    {
        if (settings.Web.Fault() is { } web)
            faults.Add(web);
        faults.AddRange(settings.Notify.Faults());
        faults.AddRange(settings.Influx.Faults());
        faults.AddRange(settings.Mqtt.Faults());
        faults.AddRange(settings.Telemetry.Faults());
        MqttCheck.Faults(settings.Mqtt, faults);
        if (settings.Intake.Replay && !settings.UsesEmbeddedBroker && !IsLoopback(settings.Mqtt.Host!))
            faults.Add("Intake:Replay: only for a broker on this machine; Mqtt:Host is another.");
        if (settings.Intake is { } marks
            && (marks.LowWaterMessages >= marks.HighWaterMessages
                || marks.LowWaterBytes >= marks.HighWaterBytes
                || marks.HighWaterMessages >= marks.HardCapMessages
                || marks.HighWaterBytes >= marks.HardCapBytes))
            faults.Add("Intake: low water must lie below high water, and high water below the hard cap.");
        if (settings.Store.KeyFile is { Length: > 0 } keyFile && PayloadKey.Fault(keyFile) is { } key)
            faults.Add($"Store:KeyFile: {key}");
        // A late sample touches the day before its own and the one after.
        if (settings.Store.MinuteDays < settings.Store.RawDays + 7)
            faults.Add("Store:MinuteDays: at least seven days more than Store:RawDays are needed.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < settings.Wearers.Count; i++)
        {
            faults.AddRange(WearerCheck.Faults(settings.Wearers[i], $"Wearers:{i}"));
            if (!seen.Add(settings.Wearers[i].Id))
                faults.Add($"Wearers:{i}:Id: this wearer is listed twice.");
        }

        // Only then: the file of those who were added is looked at by whoever needs it.
        var listed = Named(settings).All(seen.Contains) ? seen
            : settings.ListedWearers().Select(w => w.Id).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < settings.Notify.Webhooks.Count; i++)
            foreach (var wearer in settings.Notify.Webhooks[i].Wearers.Where(w => !listed.Contains(w)))
                if (!settings.AdmitsStrangers)
                    faults.Add($"Notify:Webhooks:{i}:Wearers: nobody called {wearer} is listed.");

        BrokerCheck.Related(settings.Broker, listed, faults);
    }

    // Whoever is meant by a channel or an account.
    static IEnumerable<string> Named(Settings settings) =>
        settings.Notify.Webhooks.SelectMany(webhook => webhook.Wearers)
            .Concat(settings.Broker.Accounts.SelectMany(account => account.Wearers));

    static bool IsLoopback(string host) =>
        host == "localhost"
        || (System.Net.IPAddress.TryParse(host, out var ip) && System.Net.IPAddress.IsLoopback(ip));

    static string Join(string path, string? name) => path.Length == 0 ? name ?? "" : $"{path}:{name}";

    static string Wanted(Type type) => type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(int) || type == typeof(long) ? "a whole number of this size"
        : type == typeof(double) ? "a number"
        : type == typeof(TimeSpan) ? "a span such as 00:00:20"
        : type == typeof(TimeOnly) ? "a time of day such as 22:00"
        : type == typeof(DateTimeOffset) ? "an instant such as 2026-03-07T22:00:00+01:00"
        : "a value that can be read";

    static string Known(Type owner) => string.Join(", ", owner
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(p => p.CanWrite || !p.PropertyType.IsValueType)
        .Select(p => p.Name).Order(StringComparer.Ordinal));
}
