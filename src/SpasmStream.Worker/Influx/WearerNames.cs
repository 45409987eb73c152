using SpasmStream.Worker.Store;

namespace SpasmStream.Worker.Influx;

/// <summary>The name a wearer goes by in InfluxDB: the pseudonym, or the id where that is wanted.</summary>
sealed class WearerNames(StoreFile file, WearerNaming naming)
{
    public string Of(string pseudonym)
    {
        if (naming == WearerNaming.Pseudonym)
            return pseudonym;
        // Once for each series: what its lines begin with is kept.
        using var reader = file.OpenReader();
        using var command = reader.CreateCommand();
        command.CommandText = "SELECT name FROM wearer WHERE pseudonym=$p";
        command.Parameters.AddWithValue("$p", pseudonym);
        return command.ExecuteScalar() as string ?? pseudonym;
    }
}
