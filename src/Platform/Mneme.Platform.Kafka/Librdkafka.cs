using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Mneme.Platform.Kafka;

/// <summary>The native library that Confluent.Kafka calls: one that is shipped with the program, or the system's.</summary>
internal static class Librdkafka
{
    private const string Bundled = "librdkafka";
    private const string Systems = "librdkafka.so.1";

    // A resolver can be set only once for an assembly.
    private static readonly Lazy<nint> Handle = new(Resolve);

    /// <exception cref="DllNotFoundException">It is not installed.</exception>
    public static void Load()
    {
        _ = Handle.Value;
        Library.Load();
    }

    private static nint Resolve()
    {
        var assembly = typeof(Library).Assembly;
        if (!NativeLibrary.TryLoad(Bundled, assembly, null, out var handle) && !NativeLibrary.TryLoad(Systems, out handle))
        {
            throw new DllNotFoundException(
                $"the backend 'kafka' needs the library {Systems}, and it cannot be loaded. Install Debian's package librdkafka1 (apt-get install librdkafka1), or choose another Messaging__Backend.");
        }

        NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Bundled ? handle : 0);
        return handle;
    }
}
