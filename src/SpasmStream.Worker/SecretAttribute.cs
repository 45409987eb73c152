namespace SpasmStream.Worker;

/// <summary>Marks a setting whose value is never shown.</summary>
[AttributeUsage(AttributeTargets.Property)]
sealed class SecretAttribute : Attribute;
