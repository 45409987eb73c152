using SpasmStream.Worker.Commands;

namespace SpasmStream.Tests.Commands;

public sealed class ExportedTableTests
{
    [Theory]
    [InlineData("outbox", "receipt")]
    [InlineData("dead-letters", "replayed")]
    [InlineData("samples", "gone")]
    [InlineData("superseded", "gone")]
    [InlineData("facts", "said")]
    public void S26_What_is_kept_of_a_wearer_is_exported(string file, string column) => Assert.Contains(
        column, ExportedTable.All.Single(table => table.Name == file).Columns.Select(it => it.Name));
}
