using System.Collections;
using System.ComponentModel;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using SpasmStream.Worker.Hosting;

namespace SpasmStream.Worker.Commands;

/// <summary>One setting as it is in force.</summary>
/// <param name="Key">Its path, such as <c>Store:Directory</c>.</param>
/// <param name="Value">Its value; of a secret only whether there is one.</param>
/// <param name="From">Where it was said: <c>default</c>, a file, or <c>environment</c>.</param>
sealed partial record SettingInForce(string Key, string Value, string From)
{
    const string Hidden = "(hidden)";
    const string None = "(none)";

    /// <summary>Everything, section by section.</summary>
    public static IReadOnlyList<SettingInForce> All(Settings settings, IConfigurationRoot configuration)
    {
        var all = new List<SettingInForce>();
        Walk(settings, "", configuration, all);
        foreach (var (key, value) in configuration.GetSection("Logging").AsEnumerable())
            if (value is not null)
                all.Add(new SettingInForce(key, value, Origin(configuration, key)));
        return all;
    }

    static void Walk(object options, string path, IConfigurationRoot configuration, List<SettingInForce> all)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            var key = path + property.Name;
            var value = property.GetValue(options);
            if (IsOurs(property.PropertyType))
                Walk(value!, key + ":", configuration, all);
            else if (value is IEnumerable items and not string)
                WalkList(items, property, key, configuration, all);
            else if (property.CanWrite)
                all.Add(new SettingInForce(key, Text(property, value), Origin(configuration, key)));
        }
    }

    static void WalkList(IEnumerable items, PropertyInfo property, string key,
        IConfigurationRoot configuration, List<SettingInForce> all)
    {
        var i = 0;
        foreach (var item in items)
        {
            var at = $"{key}:{i++}";
            if (IsOurs(item.GetType()))
                Walk(item, at + ":", configuration, all);
            else
                all.Add(new SettingInForce(at, Text(property, item), Origin(configuration, at)));
        }

        if (i == 0)
            all.Add(new SettingInForce(key, None, Origin(configuration, key)));
    }

    static bool IsOurs(Type type) => !type.IsEnum
        && type.Namespace?.StartsWith("SpasmStream", StringComparison.Ordinal) == true;

    static string Text(PropertyInfo property, object? value)
    {
        var text = value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            _ => TypeDescriptor.GetConverter(value).ConvertToInvariantString(value) ?? "",
        };
        return text.Length == 0 ? None : IsSecret(property) ? Hidden : WithoutSecrets(text);
    }

    // A name that sounds like a secret is one, marked or not: a new setting errs on the safe side.
    static bool IsSecret(PropertyInfo property) =>
        property.IsDefined(typeof(SecretAttribute)) || SoundsSecret().IsMatch(property.Name);

    // An address may carry a password before its host, or a token anywhere behind it.
    static string WithoutSecrets(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Host.Length > 0
            && (address.UserInfo.Length > 0 || address.PathAndQuery != "/" || address.Fragment.Length > 0)
            ? $"{address.Scheme}://{address.Authority}/{Hidden}" : text;

    /// <summary>The last who says it wins.</summary>
    static string Origin(IConfigurationRoot configuration, string key)
    {
        foreach (var provider in configuration.Providers.Reverse())
            if (provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any())
                return provider switch
                {
                    EnvironmentVariablesConfigurationProvider => "environment",
                    JsonConfigurationProvider file => Path.GetFileName(file.Source.Path) ?? "file",
                    _ => "program",
                };
        return "default";
    }

    [GeneratedRegex("password|secret|token|passphrase|apikey|credential", RegexOptions.IgnoreCase, 100)]
    private static partial Regex SoundsSecret();
}
