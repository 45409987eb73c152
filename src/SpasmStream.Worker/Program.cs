using System.CommandLine;
using SpasmStream.Worker.Commands;

return await new RootCommand(
        "Streams from wearables in, a forecast and its reasons out. Not a medical device.")
{
    RunCommand.Build(),
    DemoCommand.Build(),
    BacktestCommand.Build(),
    ImportCommand.Build(),
    ExportCommand.Build(),
    CheckConfigCommand.Build(),
    ConfigCommand.Build(),
    DeadLettersCommand.Build(),
    DoctorCommand.Build(),
}.InvokeOrRunAsync(args);
