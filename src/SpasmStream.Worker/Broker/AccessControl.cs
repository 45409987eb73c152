namespace SpasmStream.Worker.Broker;

/// <summary>
/// Asks the rights of a user as they are now; whoever has none is denied, and so is everybody when the
/// question itself fails.
/// </summary>
sealed partial class AccessControl(Func<string, TopicRights?> rightsOf, ILogger logger)
{
    public Ruling Publish(string user, string topic)
    {
        try
        {
            return rightsOf(user)?.Publish(topic) ?? Ruling.Denied;
        }
        catch (Exception fault)
        {
            Log.Failed(logger, fault);
            return Ruling.Denied;
        }
    }

    public FilterRuling Read(string user, string filter)
    {
        try
        {
            return rightsOf(user)?.Read(filter) ?? FilterRuling.Denied;
        }
        catch (Exception fault)
        {
            Log.Failed(logger, fault);
            return FilterRuling.Denied;
        }
    }

    static partial class Log
    {
        [LoggerMessage(115, LogLevel.Error, "The rights of an account could not be asked, so it has none.")]
        public static partial void Failed(ILogger logger, Exception fault);
    }
}
