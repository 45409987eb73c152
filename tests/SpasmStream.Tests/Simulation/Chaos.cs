namespace SpasmStream.Tests.Simulation;

/// <summary>Kills a life at the places where it hurts most.</summary>
sealed class Chaos(SeededNumbers numbers, SimPlan plan)
{
    /// <summary>How a life is killed, without power or with it.</summary>
    public Action<Life, bool> Kill { get; set; } = (_, _) => { };

    /// <summary>Nothing more goes wrong.</summary>
    public bool IsOver { get; set; }

    /// <summary>A life comes by; true when it is dead now.</summary>
    public bool Pass(Life life)
    {
        if (life.HasEnded)
            return true;
        if (IsOver || !numbers.Chance(plan.KillAtPlace))
            return false;
        Kill(life, numbers.Chance(plan.PowerLoss));
        return true;
    }
}
