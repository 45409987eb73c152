using System.CommandLine;
using SpasmStream.Worker.Commands;
using SpasmStream.Worker.Hosting;

FileRights.KeepToOwner();
return await new RootCommand(
        "Streams from wearables in, a forecast and its reasons out. Not a medical device.")
{
    RunCommand.Build(),
    DemoCommand.Build(),
    BacktestCommand.Build(),
    ImportCommand.Build(),
    ExportCommand.Build(),
    EraseCommand.Build(),
    BackupCommand.Build(),
    RestoreCommand.Build(),
    RecoverCommand.Build(),
    RotateKeyCommand.Build(),
    CheckConfigCommand.Build(),
    NotifyCommand.Build(),
    WearersCommand.Build(),
    DevicesCommand.Build(),
    ConfigCommand.Build(),
    DeadLettersCommand.Build(),
    DoctorCommand.Build(),
}.InvokeOrRunAsync(args);
