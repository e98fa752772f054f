using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using Mneme.Identity.Domain;
using Mneme.Platform.Domain;

namespace Mneme.Identity.Infrastructure;

internal enum PasswordCheck
{
    Wrong,
    Right,

    /// <summary>Right, and hashed with fewer iterations than today's.</summary>
    RightButOutdated,
}

/// <summary>
/// Hashes passwords on threads of its own, as many as half the cores, of low priority, with a bounded queue: a flood of sign-ins slows sign-ins down
/// and nothing else. Each hash costs the same whether or not there is an account.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    private const int QueueLength = 64;
    private static readonly Meter Meter = new("Mneme.Identity");
    private static readonly Counter<long> Hashes = Meter.CreateCounter<long>("mneme.identity.password_hashes", description: "Passwords hashed or compared.");
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("mneme.identity.password_refusals", description: "Sign-ins refused because too many were waiting.");

    private readonly BlockingCollection<Action> _queue = new(QueueLength);
    private readonly IPasswordHasher<User> _hasher;
    private readonly int _iterations;
    private readonly Lazy<string> _nobodys;
    private long _completed;

    public PasswordHashing(IPasswordHasher<User> hasher, AccountOptions options)
    {
        (_hasher, _iterations) = (hasher, options.PasswordIterations);
        _nobodys = new Lazy<string>(() => _hasher.HashPassword(null!, Convert.ToHexString(RandomNumberGenerator.GetBytes(16))));
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount / 2); i++)
            new Thread(Work) { IsBackground = true, Name = $"passwords {i}" }.Start();
    }

    /// <summary>How many passwords this instance has hashed or compared.</summary>
    public long Completed => Interlocked.Read(ref _completed);

    /// <summary>Refuses at no cost what <see cref="HashAsync"/> and <see cref="CheckAsync"/> would refuse now.</summary>
    public Problem? RefuseIfBusy() => _queue.Count >= QueueLength ? Busy() : null;

    /// <returns>The hash in ASP.NET Core Identity's format, or a problem if too many are waiting.</returns>
    public Task<Outcome<string>> HashAsync(string password, CancellationToken ct) => RunAsync(() => _hasher.HashPassword(null!, password), ct);

    /// <param name="hash">The account's hash; null if there is no such account, which takes as long.</param>
    /// <param name="password">As typed.</param>
    /// <param name="ct">Gives up waiting.</param>
    public Task<Outcome<PasswordCheck>> CheckAsync(string? hash, string password, CancellationToken ct) => RunAsync(() => Check(hash, password), ct);

    public void Dispose() => _queue.CompleteAdding();

    private PasswordCheck Check(string? hash, string password)
    {
        var result = _hasher.VerifyHashedPassword(null!, hash ?? _nobodys.Value, password);
        if (hash is null || result == PasswordVerificationResult.Failed)
        {
            // An account whose hash is from times of fewer iterations must not answer sooner than one that does not exist.
            var missing = hash is null ? 0 : _iterations - IterationsOf(hash);
            if (missing > 0)
                Rfc2898DeriveBytes.Pbkdf2(password, new byte[16], missing, HashAlgorithmName.SHA512, 32);
            return PasswordCheck.Wrong;
        }

        return result == PasswordVerificationResult.Success ? PasswordCheck.Right : PasswordCheck.RightButOutdated;
    }

    /// <summary>In the format's version 3: a marker, then the pseudo-random function, the iterations and the salt's length, big-endian.</summary>
    private static int IterationsOf(string hash)
    {
        Span<byte> head = stackalloc byte[12];
        return Convert.TryFromBase64Chars(hash.AsSpan(0, 16), head, out _) && head[0] == 1 ? BinaryPrimitives.ReadInt32BigEndian(head[5..]) : int.MaxValue;
    }

    private async Task<Outcome<T>> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Run()
        {
            if (ct.IsCancellationRequested)
            {
                done.SetCanceled(ct);
                return;
            }

            try
            {
                var result = work();
                Interlocked.Increment(ref _completed);
                Hashes.Add(1);
                done.SetResult(result);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }

        return _queue.TryAdd(Run, 0, CancellationToken.None) ? await done.Task : Busy();
    }

    private static Problem Busy()
    {
        Refusals.Add(1);
        return Problem.Unavailable("sign-in-busy", "Too many people are signing in at this moment. Try again in some seconds.", TimeSpan.FromSeconds(5));
    }

    private void Work()
    {
        // Ready before the first sign-in, which would tell an unknown account by taking twice as long.
        _ = _nobodys.Value;
        foreach (var work in _queue.GetConsumingEnumerable())
            work();
    }
}
