using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Confluent.Kafka;

namespace Mneme.Platform.Kafka;

/// <summary>
/// A member of a consumer group. One thread polls, whatever becomes of the events: a member that does not poll is thrown out of its group. When nobody takes them, it
/// first waits a moment, then pauses its partitions and polls on.
/// </summary>
internal sealed class KafkaReceiver : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    // For finishing and committing a batch before its partitions go; what takes longer is repeated by the next owner, and the inbox sees to it that it has its effects once.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    private readonly IConsumer<string, string> _consumer;
    private readonly Channel<KafkaDelivery> _arrived;
    private readonly SemaphoreSlim _hands = new(1, 1);
    private readonly Dictionary<TopicPartition, Tenure> _tenures = [];
    private readonly string _name;
    private readonly Action _connected;
    private readonly Action<Exception> _disconnected;

    /// <param name="connector">Makes the client.</param>
    /// <param name="group">The consumer group.</param>
    /// <param name="name">The consumer, for metrics.</param>
    /// <param name="prefetch">How many events it holds.</param>
    /// <param name="connected">Called when, and whenever, the brokers prove to be there.</param>
    /// <param name="disconnected">Called when none of the brokers can be reached; the client goes on trying.</param>
    public KafkaReceiver(KafkaConnector connector, string group, string name, int prefetch, Action connected, Action<Exception> disconnected)
    {
        (_name, _connected, _disconnected) = (name, connected, disconnected);
        _arrived = Channel.CreateBounded<KafkaDelivery>(new BoundedChannelOptions(prefetch) { SingleReader = true, SingleWriter = true });
        _consumer = connector.CreateConsumer(
            group,
            builder => builder
                .SetPartitionsAssignedHandler((_, partitions) => Begin(partitions))
                .SetPartitionsRevokedHandler((_, partitions) => End(partitions.Select(p => p.TopicPartition), Farewell))
                .SetPartitionsLostHandler((_, partitions) => End(partitions.Select(p => p.TopicPartition), TimeSpan.Zero))
                .SetErrorHandler((_, error) => Notice(error))
                .SetStatisticsHandler((_, json) => Read(json)));
    }

    /// <summary>Polls until <paramref name="ct"/> is cancelled, and leaves the group in good order. Blocks its thread.</summary>
    /// <exception cref="KafkaException">The client cannot go on; another one may.</exception>
    public void Run(IReadOnlyList<string> topics, CancellationToken ct)
    {
        try
        {
            _consumer.Subscribe(topics);
            Poll(ct);
        }
        finally
        {
            // Commits what is stored, and tells the others at once that the partitions are free.
            _consumer.Close();
        }
    }

    private void Poll(CancellationToken ct)
    {
        var held = new Queue<KafkaDelivery>();
        var isPaused = false;
        while (!ct.IsCancellationRequested)
        {
            if (_consumer.Consume(Tick) is { } result && _tenures.TryGetValue(result.TopicPartition, out var tenure))
                held.Enqueue(new KafkaDelivery(result, tenure));
            while (held.TryPeek(out var first) && _arrived.Writer.TryWrite(first))
                held.Dequeue();
            if (held.Count == 0)
            {
                if (isPaused)
                    _consumer.Resume(_tenures.Keys);
                isPaused = false;
            }
            else if (isPaused || !HasRoomWithin(Patience, ct))
            {
                // Again each time: partitions may have come since.
                _consumer.Pause(_tenures.Keys);
                isPaused = true;
            }
        }
    }

    private bool HasRoomWithin(TimeSpan limit, CancellationToken ct)
    {
        try
        {
            // This thread is the poller's own.
            return _arrived.Writer.WaitToWriteAsync(ct).AsTask().Wait(limit, ct);
        }
        catch (OperationCanceledException)
        {
            return true;
        }
    }

    /// <summary>Gives what has arrived, in batches, to <paramref name="handle"/>, until <paramref name="ct"/> is cancelled.</summary>
    public async Task HandleAsync(int batchSize, Func<IReadOnlyList<KafkaDelivery>, Task> handle, CancellationToken ct)
    {
        var batch = new List<KafkaDelivery>(batchSize);
        while (await _arrived.Reader.WaitToReadAsync(ct))
        {
            await _hands.WaitAsync(ct);
            try
            {
                while (batch.Count < batchSize && _arrived.Reader.TryRead(out var delivery))
                {
                    if (!delivery.Tenure.IsOver)
                        batch.Add(delivery);
                }

                if (batch.Count > 0)
                    await handle(batch);
                batch.Clear();
            }
            finally
            {
                _hands.Release();
            }
        }
    }

    /// <summary>Lets everything up to these be committed. Batches are whole and in order, so nothing before them is open.</summary>
    public void Done(IEnumerable<KafkaDelivery> deliveries)
    {
        foreach (var last in deliveries.Where(d => !d.Tenure.IsOver).GroupBy(d => d.Place.TopicPartition).Select(partition => partition.MaxBy(d => d.Place.Offset.Value)!.Place))
        {
            try
            {
                _consumer.StoreOffset(new TopicPartitionOffset(last.TopicPartition, last.Offset + 1));
            }
            catch (KafkaException e) when (e.Error.Code is ErrorCode.Local_State or ErrorCode.Local_UnknownPartition)
            {
                // The partition went this moment; who has it now meets them again, in the inbox.
            }
        }
    }

    private void Begin(IEnumerable<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
            _tenures[partition] = new Tenure();
        _connected();
    }

    private void End(IEnumerable<TopicPartition> partitions, TimeSpan farewell)
    {
        var ending = partitions.Where(_tenures.ContainsKey).ToList();
        // The batch in hand may still be stored; nothing else of these partitions is begun after it.
        var waited = ending.Count > 0 && farewell > TimeSpan.Zero && _hands.Wait(farewell);
        foreach (var partition in ending)
        {
            _tenures.Remove(partition, out var tenure);
            tenure!.End();
            KafkaMetrics.Lag(_name, partition, 0);
        }

        if (waited)
            _hands.Release();
    }

    private void Notice(Error error)
    {
        if (error.IsFatal || error.Code == ErrorCode.Local_AllBrokersDown)
            _disconnected(new KafkaException(error));
    }

    private void Read(string json)
    {
        var statistics = KafkaStatistics.Read(json);
        if (statistics.IsConnected && _tenures.Count > 0)
            _connected();
        foreach (var (partition, lag) in statistics.Lags)
        {
            if (_tenures.ContainsKey(partition))
                KafkaMetrics.Lag(_name, partition, lag);
        }
    }

    public void Dispose()
    {
        _consumer.Dispose();
        _hands.Dispose();
    }
}
