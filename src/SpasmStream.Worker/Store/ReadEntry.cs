using SpasmStream.Core.Signals;

namespace SpasmStream.Worker.Store;

/// <summary>
/// Reads a stored sleep or diary object back into a record; null for one that can no longer be read. For one
/// thread at a time.
/// </summary>
delegate object? ReadEntry(WearerId wearer, StoredEntry entry);
