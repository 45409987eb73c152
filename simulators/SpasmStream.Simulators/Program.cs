using System.CommandLine;
using SpasmStream.Simulators.Commands;

var root = new RootCommand("Simulated wearers for SpasmStream: no real person is behind what they send.")
{
    RunCommand.Create(), ReplayCommand.Create(), ListCommand.Create(),
};
return await ExitCode.RunAsync(root, args);
