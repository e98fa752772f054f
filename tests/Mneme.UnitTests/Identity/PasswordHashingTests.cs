using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using Mneme.Identity;
using Mneme.Identity.Domain;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Domain;

namespace Mneme.UnitTests.Identity;

public sealed class PasswordHashingTests
{
    [Fact]
    public async Task A_password_matches_its_hash_and_no_other()
    {
        using var hashing = Hashing();
        var hash = (await hashing.HashAsync("violet tractor", CancellationToken.None)).Value!;
        (await hashing.CheckAsync(hash, "violet tractor", CancellationToken.None)).Value.ShouldBe(PasswordCheck.Right);
        (await hashing.CheckAsync(hash, "Violet tractor", CancellationToken.None)).Value.ShouldBe(PasswordCheck.Wrong);
        (await hashing.CheckAsync(hash: null, "violet tractor", CancellationToken.None)).Value.ShouldBe(PasswordCheck.Wrong);
        hashing.Completed.ShouldBe(4);
    }

    [Fact]
    public async Task Hashes_are_PBKDF2_with_HMAC_SHA512_and_the_iterations_of_the_settings()
    {
        using var hashing = Hashing();
        var bytes = Convert.FromBase64String((await hashing.HashAsync("pässword 🦊", CancellationToken.None)).Value!);
        // Version 3 of ASP.NET Core Identity's format: marker, function 2 = SHA-512, iterations, length of the salt, salt, key.
        bytes[..5].ShouldBe([1, 0, 0, 0, 2]);
        var iterations = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5));
        iterations.ShouldBe(220_000);
        var salt = bytes[13..29];
        System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2("pässword 🦊", salt, iterations, System.Security.Cryptography.HashAlgorithmName.SHA512, 32).ShouldBe(bytes[29..]);
    }

    [Fact]
    public async Task Of_many_at_once_those_beyond_the_queue_are_told_to_come_back()
    {
        using var gate = new ManualResetEventSlim();
        using var hashing = new PasswordHashing(new GatedHasher(gate), new AccountOptions());
        var waiting = Enumerable.Range(0, 200).Select(_ => hashing.HashAsync("x", CancellationToken.None)).ToList();
        waiting.Count(t => t.IsCompleted).ShouldBeInRange(200 - 64 - Environment.ProcessorCount, 200 - 64);
        gate.Set();
        var outcomes = await Task.WhenAll(waiting);
        outcomes.Where(o => o.Problem is not null).ShouldAllBe(o => o.Problem!.Kind == ProblemKind.Unavailable && o.Problem.RetryAfter != null);
        outcomes.Count(o => o.Value == "hash").ShouldBeGreaterThanOrEqualTo(64);
    }

    [Fact]
    public async Task Whoever_gave_up_waiting_costs_nothing()
    {
        using var gate = new ManualResetEventSlim();
        var hasher = new GatedHasher(gate);
        using var hashing = new PasswordHashing(hasher, new AccountOptions());
        using var gone = new CancellationTokenSource();
        var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => hashing.HashAsync("x", CancellationToken.None)).ToList();
        var abandoned = hashing.HashAsync("y", gone.Token);
        await gone.CancelAsync();
        gate.Set();
        await Should.ThrowAsync<OperationCanceledException>(abandoned);
        await Task.WhenAll(workers);
        hasher.Hashed.ShouldNotContain("y");
    }

    private static PasswordHashing Hashing() =>
        new(new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = new AccountOptions().PasswordIterations })), new AccountOptions());

    private sealed class GatedHasher(ManualResetEventSlim gate) : IPasswordHasher<User>
    {
        public System.Collections.Concurrent.ConcurrentBag<string> Hashed { get; } = [];

        public string HashPassword(User user, string password)
        {
            gate.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
            Hashed.Add(password);
            return "hash";
        }

        public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword) => PasswordVerificationResult.Failed;
    }
}
