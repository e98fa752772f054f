namespace Mneme.Platform.Messaging;

/// <summary>Divides what is published among requests or messages that take only so much.</summary>
public static class Batching
{
    /// <summary>In their order, as many together as both limits allow. An item that is larger than the limit stands alone.</summary>
    /// <param name="items">What is divided.</param>
    /// <param name="maxCount">Most items in a batch, from 1.</param>
    /// <param name="maxSize">Largest sum of their sizes.</param>
    /// <param name="sizeOf">Size of one, in whatever unit <paramref name="maxSize"/> has.</param>
    public static IEnumerable<IReadOnlyList<T>> InBatches<T>(this IEnumerable<T> items, int maxCount, int maxSize, Func<T, int> sizeOf)
    {
        var (batch, total) = (new List<T>(), 0);
        foreach (var item in items)
        {
            var size = sizeOf(item);
            if (batch.Count == maxCount || (batch.Count > 0 && total + size > maxSize))
            {
                yield return batch;
                (batch, total) = ([], 0);
            }

            batch.Add(item);
            total += size;
        }

        if (batch.Count > 0)
            yield return batch;
    }
}
