using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Mneme.Platform.Asking;

/// <summary>
/// Finds services by name: every address of <see cref="AskOptions.DnsPattern"/> is an instance, as with a headless service of Kubernetes. Names are looked up anew in
/// the background once they are older than <see cref="AskOptions.DnsRefresh"/>; while the name service fails, what it said last holds.
/// </summary>
internal sealed partial class DnsDiscovery(AskOptions options, TimeProvider time, ILogger<DnsDiscovery> logger, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null) : IServiceDiscovery
{
    private static readonly TimeSpan NoneRefresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LookupLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve = resolve ?? Dns.GetHostAddressesAsync;

    public async ValueTask<IReadOnlyList<Uri>> FindAsync(string service, CancellationToken ct)
    {
        var entry = _entries.GetOrAdd(service, static _ => new Entry());
        if (IsOld(entry))
        {
            lock (entry)
            {
                if (entry.Refreshing.IsCompleted && IsOld(entry))
                    entry.Refreshing = Task.Run(() => RefreshAsync(service, entry), CancellationToken.None);
            }
        }

        // Nothing is known before the first answer, so that one is waited for.
        if (entry.ReadAt == 0)
            await entry.Refreshing.WaitAsync(ct);
        return entry.Addresses;
    }

    /// <summary>That there is no instance is believed for a second only: at the start of a system some names come later than others.</summary>
    private bool IsOld(Entry entry) =>
        entry.ReadAt == 0 || time.GetElapsedTime(entry.ReadAt) >= (entry.Addresses.Count == 0 && options.DnsRefresh > NoneRefresh ? NoneRefresh : options.DnsRefresh);

    private async Task RefreshAsync(string service, Entry entry)
    {
        var name = options.DnsPattern.Replace("{service}", service, StringComparison.Ordinal);
        try
        {
            using var limit = new CancellationTokenSource(LookupLimit);
            var found = await _resolve(name, limit.Token);
            Take(entry, service, [.. found.OrderBy(address => address.ToString(), StringComparer.Ordinal).Select(Address)]);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.HostNotFound or SocketError.NoData)
        {
            // The name service answered: there is no instance.
            Take(entry, service, []);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            if (!entry.IsFailing)
                LogFailed(name, e.Message);
            entry.IsFailing = true;
            entry.ReadAt = Now();
        }
    }

    private void Take(Entry entry, string service, IReadOnlyList<Uri> addresses)
    {
        if (!addresses.SequenceEqual(entry.Addresses))
            LogChanged(service, string.Join(", ", addresses));
        entry.Addresses = addresses;
        entry.IsFailing = false;
        entry.ReadAt = Now();
    }

    // 0 stands for never.
    private long Now() => Math.Max(1, time.GetTimestamp());

    private Uri Address(IPAddress address) => new($"https://{(address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString())}:{options.DnsPort}");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Service} answers at: {Addresses}")]
    private partial void LogChanged(string service, string addresses);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Name} could not be looked up, so what was known of it holds: {Reason}")]
    private partial void LogFailed(string name, string reason);

    private sealed class Entry
    {
        private long _readAt;

        public volatile IReadOnlyList<Uri> Addresses = [];

        public volatile Task Refreshing = Task.CompletedTask;

        public volatile bool IsFailing;

        public long ReadAt
        {
            get => Volatile.Read(ref _readAt);
            set => Volatile.Write(ref _readAt, value);
        }
    }
}
