namespace SpasmStream.Tests;

public sealed class TidyTests
{
    [Fact]
    public void Smoke() => Assert.True(true);
}
