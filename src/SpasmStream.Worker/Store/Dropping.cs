namespace SpasmStream.Worker.Store;

/// <summary>QoS 0 messages that were dropped are counted, and make a gap from first to last.</summary>
static class Dropping
{
    public static void Write(WriteSession session, Drops dropped)
    {
        if (dropped.Count == 0)
            return;
        session.Count(Counter.DroppedQos0, dropped.Count);
        GapTable.Record(session, GapCause.Qos0Dropped, dropped.First, dropped.Last, dropped.Count);
    }
}
