namespace Mneme.Platform.Asking.Brokers;

/// <summary>Which requests were received already, for as long as their deadlines would let them pass once more.</summary>
/// <param name="time">Clock.</param>
/// <param name="capacity">How many are remembered at most. When that many are, no further one is taken: forgetting would let them be replayed.</param>
internal sealed class SeenRequests(TimeProvider time, int capacity = 100_000)
{
    private readonly HashSet<(string Asker, Guid Id)> _seen = [];
    private readonly PriorityQueue<(string Asker, Guid Id), DateTimeOffset> _byEnd = new();
    private readonly Lock _lock = new();

    /// <returns>True if it is new, false if it is not, null if no more can be remembered.</returns>
    public bool? TryAdd(string asker, Guid id, DateTimeOffset end)
    {
        lock (_lock)
        {
            while (_byEnd.TryPeek(out var oldest, out var until) && until < time.GetUtcNow())
            {
                _byEnd.Dequeue();
                _seen.Remove(oldest);
            }

            if (_seen.Contains((asker, id)))
                return false;
            if (_seen.Count >= capacity)
                return null;
            _seen.Add((asker, id));
            _byEnd.Enqueue((asker, id), end);
            return true;
        }
    }
}
