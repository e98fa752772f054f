using System.Runtime.InteropServices;
using System.Text;

namespace Mneme.MockKafka;

/// <summary>The cluster of brokers that librdkafka brings for tests (rdkafka_mock.h): real connections and Kafka's protocol with groups, rebalancing and idempotence, kept in memory.</summary>
internal sealed partial class MockCluster : IDisposable
{
    private const string Library = "librdkafka.so.1";
    private const int Producer = 0;
    private const int Brokers = 3;
    private const int TopicAlreadyExists = 36;
    private const int SetMask = 2;
    private const int SignalSetSize = 128;

    private readonly nint _client;
    private readonly nint _cluster;

    public MockCluster()
    {
        // The cluster's thread takes its mask of signals from this one. It ends for good when a signal interrupts its poll, and .NET handles SIGCONT, which every thaw sends.
        var (all, former) = (new byte[SignalSetSize], new byte[SignalSetSize]);
        Array.Fill(all, byte.MaxValue);
        Check(pthread_sigmask(SetMask, all, former) == 0, "signals could not be blocked");
        try
        {
            // Clusters run in a client's thread; it needs no other settings.
            var error = new byte[512];
            _client = rd_kafka_new(Producer, rd_kafka_conf_new(), error, error.Length);
            Check(_client != 0, Encoding.UTF8.GetString(error).TrimEnd('\0'));
            _cluster = rd_kafka_mock_cluster_new(_client, Brokers);
            Check(_cluster != 0, "the mock cluster did not start");
        }
        finally
        {
            Check(pthread_sigmask(SetMask, former, null) == 0, "signals could not be unblocked");
        }
    }

    public string Servers => Marshal.PtrToStringUTF8(rd_kafka_mock_cluster_bootstraps(_cluster))!;

    /// <summary>Creates a topic, unless it is there.</summary>
    public void CreateTopic(string name, int partitions)
    {
        var error = rd_kafka_mock_topic_create(_cluster, name, partitions, Brokers);
        Check(error is 0 or TopicAlreadyExists, $"topic {name}: error {error}");
    }

    /// <summary>Closes all connections and accepts none. What is stored stays.</summary>
    public void TakeDown() => ForAll(broker => rd_kafka_mock_broker_set_down(_cluster, broker));

    public void BringUp() => ForAll(broker => rd_kafka_mock_broker_set_up(_cluster, broker));

    public void Dispose()
    {
        rd_kafka_mock_cluster_destroy(_cluster);
        rd_kafka_destroy(_client);
    }

    private static void ForAll(Func<int, int> act)
    {
        for (var broker = 1; broker <= Brokers; broker++)
            Check(act(broker) == 0, $"broker {broker} did not obey");
    }

    private static void Check(bool isDone, string otherwise)
    {
        if (!isDone)
            throw new InvalidOperationException(otherwise);
    }

#pragma warning disable IDE1006, SA1300 // Names of the C library.
    [LibraryImport(Library)]
    private static partial nint rd_kafka_conf_new();

    [LibraryImport(Library)]
    private static partial nint rd_kafka_new(int type, nint conf, byte[] error, nint size);

    [LibraryImport(Library)]
    private static partial void rd_kafka_destroy(nint client);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_new(nint client, int brokers);

    [LibraryImport(Library)]
    private static partial void rd_kafka_mock_cluster_destroy(nint cluster);

    [LibraryImport(Library)]
    private static partial nint rd_kafka_mock_cluster_bootstraps(nint cluster);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int rd_kafka_mock_topic_create(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_broker_set_down(nint cluster, int broker);

    [LibraryImport(Library)]
    private static partial int rd_kafka_mock_broker_set_up(nint cluster, int broker);

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, byte[] mask, byte[]? former);
#pragma warning restore IDE1006, SA1300
}
