using SpasmStream.Tests.Notify;
using SpasmStream.Worker.Broker;

namespace SpasmStream.Tests.Broker;

/// <summary>Rights are asked each time, and where there is no answer the answer is no.</summary>
public sealed class AccessControlTests
{
    const string Cell = "spasmstream/v1/in/ada/watch/steps";
    const string Filter = "spasmstream/v1/out/ada/#";

    readonly LogLines<AccessControlTests> _log = new();

    [Fact]
    public void S03_Rights_are_those_of_this_moment_and_of_this_user()
    {
        var rights = new Dictionary<string, TopicRights> { ["ada"] = new(["ada"]), ["bob"] = new(["bob"]) };
        var access = new AccessControl(user => rights.GetValueOrDefault(user), _log);
        Assert.Equal(Ruling.Granted, access.Publish("ada", Cell));
        Assert.Equal(FilterRuling.Granted, access.Read("ada", Filter));
        Assert.Equal(Ruling.Denied, access.Publish("bob", Cell));
        Assert.Equal(FilterRuling.Denied, access.Read("bob", Filter));

        rights["ada"] = new TopicRights(["eve"]);

        Assert.Equal(Ruling.Denied, access.Publish("ada", Cell));
        Assert.Equal(FilterRuling.Denied, access.Read("ada", Filter));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void S22_Who_is_not_known_is_denied_and_that_is_no_fault()
    {
        var access = new AccessControl(_ => null, _log);

        Assert.Equal(Ruling.Denied, access.Publish("ada", Cell));
        Assert.Equal(FilterRuling.Denied, access.Read("ada", Filter));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void S22_When_the_question_of_rights_fails_the_answer_is_no_and_the_fault_is_told()
    {
        var access = new AccessControl(_ => throw new InvalidOperationException("x"), _log);

        Assert.Equal(Ruling.Denied, access.Publish("ada", Cell));
        Assert.Single(_log.Lines);
        Assert.Equal(FilterRuling.Denied, access.Read("ada", Filter));
        Assert.Equal(2, _log.Lines.Count);
    }
}
