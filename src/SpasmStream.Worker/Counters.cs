namespace SpasmStream.Worker;

/// <summary>
/// Every counter we keep, in one list. They are written in the transaction of what they count, so the file
/// itself can be asked whether they add up:
/// messages received = stored + duplicate + dead + empty + ignored + erased;
/// samples decoded = stored + duplicate + replaced + superseded;
/// dead-letter rows written = there + evicted + requeued + purged;
/// points journalled = forwarded + refused + dropped + erased + waiting (the points of <c>forward</c>).
/// </summary>
enum Counter
{
    /// <summary>Messages taken into a commit.</summary>
    MessagesReceived,

    /// <summary>Messages that left at least one new row.</summary>
    MessagesStored,

    /// <summary>
    /// Messages that said only what was here already, or that were refused when they came the first time.
    /// </summary>
    MessagesDuplicate,

    /// <summary>Messages refused as a whole, or of which nothing could be kept.</summary>
    MessagesDead,

    /// <summary>Messages that held nothing but gaps.</summary>
    MessagesEmpty,

    /// <summary>Retained messages without an instant of their own.</summary>
    MessagesIgnored,

    /// <summary>Messages for a wearer whose data was erased: refused, and nothing of them kept.</summary>
    MessagesErased,

    /// <summary>Values read out of messages, gaps left out.</summary>
    SamplesDecoded,

    /// <summary>Values that made a new row.</summary>
    SamplesStored,

    /// <summary>Values that were here already.</summary>
    SamplesDuplicate,

    /// <summary>Values that won over an older one; the older one is kept apart.</summary>
    SamplesReplaced,

    /// <summary>
    /// Values that lost to the one that stood there, or that had been taken back before they came; kept
    /// apart.
    /// </summary>
    SamplesSuperseded,

    /// <summary>
    /// Dead-letter rows written: one for a refused message, one for each refused item of a batch, of which
    /// the hundredth stands for all the rest.
    /// </summary>
    DeadLetters,

    /// <summary>Refused messages and refused items of batches.</summary>
    ItemsRefused,

    /// <summary>Dead-letter rows evicted because they were old or too many.</summary>
    DeadLettersEvicted,

    /// <summary>
    /// Dead-letter rows that left because their message was read again and is good now; the message counts as
    /// received once more.
    /// </summary>
    DeadLettersRequeued,

    /// <summary>Dead-letter rows removed at the operator's wish.</summary>
    DeadLettersPurged,

    /// <summary>Sleep and diary versions written.</summary>
    EntriesStored,

    /// <summary>Sleep and diary versions that were here already.</summary>
    EntriesDuplicate,

    /// <summary>Members of messages that mean nothing here and were passed over.</summary>
    UnknownMembers,

    /// <summary>QoS 0 messages dropped because the commit could not keep up.</summary>
    DroppedQos0,

    /// <summary>Rows removed by age: samples, minutes of hours, ids and sent announcements.</summary>
    RowsThinned,

    /// <summary>Samples given up before their age because the disk was full.</summary>
    RowsDropped,

    /// <summary>
    /// Points put up for InfluxDB: values that came to stand and what is mirrored, by the commit that made
    /// them; of what was here before, by the commit that says it was forwarded.
    /// </summary>
    PointsJournalled,

    /// <summary>Points that InfluxDB has.</summary>
    PointsForwarded,

    /// <summary>Points that InfluxDB refused; each is a dead letter.</summary>
    PointsRefused,

    /// <summary>
    /// Points given up unsent: too many waited and <c>drop_oldest</c> was asked for, or nothing is forwarded
    /// any more.
    /// </summary>
    PointsDropped,

    /// <summary>Points of a wearer who was erased before they were sent.</summary>
    PointsErased,
}
