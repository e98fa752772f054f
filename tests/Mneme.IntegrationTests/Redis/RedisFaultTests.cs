using Mneme.IntegrationTests.Brokers;
using Mneme.IntegrationTests.Support;
using Mneme.Platform.Redis;
using Mneme.Platform.Redis.Resp;

namespace Mneme.IntegrationTests.Redis;

/// <summary>Our client on a server that is killed, frozen, restarted or configured otherwise: each test has its own.</summary>
public sealed class RedisFaultTests
{
    [Fact]
    public async Task What_is_under_way_when_the_server_cuts_the_connection_fails_and_is_not_sent_again()
    {
        await using var redis = await RedisInstance.StartNewAsync();
        await using var client = Client(redis);
        await client.RunAsync("ECHO", "warm");
        var id = (await client.ServerAsync(CancellationToken.None)).Id;

        // The server takes the list's element as soon as there is one; until then the commands behind wait unexecuted.
        var blocked = client.ExecuteAsync(RespCommand.Of("BLPOP", "list", "0"), CancellationToken.None);
        var behind = client.ExecuteAsync(RespCommand.Of("INCR", "counter"), CancellationToken.None);
        await Eventually.TrueAsync(async () => (await redis.CommandAsync("CLIENT", "LIST")).Contains("cmd=blpop", StringComparison.Ordinal), "the server has it");
        (await redis.NumberAsync("CLIENT", "KILL", "ID", id.ToString())).ShouldBe(1);

        (await Should.ThrowAsync<RedisConnectionException>(() => blocked)).Message.ShouldContain("may have been executed");
        await Should.ThrowAsync<RedisConnectionException>(() => behind);
        (await client.RunAsync("ECHO", "again")).ShouldBe("again");
        (await redis.CommandAsync("EXISTS", "counter")).ShouldBe("0");
    }

    [Fact]
    public async Task It_connects_again_when_the_server_is_back()
    {
        await using var redis = await RedisInstance.StartNewAsync(RedisInstance.Durable);
        await using var client = Client(redis);
        await client.RunAsync("SET", "kept", "yes");

        await redis.KillAsync();
        await Should.ThrowAsync<RedisConnectionException>(() => client.RunAsync("GET", "kept"));
        await redis.StartAsync();

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await client.RunAsync("GET", "kept") == "yes";
                }
                catch (RedisConnectionException)
                {
                    return false;
                }
            },
            "it is connected again");
    }

    [Fact]
    public async Task A_frozen_server_fails_commands_in_time_and_is_used_again_when_it_thaws()
    {
        await using var redis = await RedisInstance.StartNewAsync();
        await using var client = Client(redis, TimeSpan.FromSeconds(1));
        await client.RunAsync("ECHO", "warm");

        redis.Freeze();
        await Should.ThrowAsync<RedisTimeoutException>(() => client.RunAsync("ECHO", "anybody?"));
        await Should.ThrowAsync<RedisConnectionException>(() => client.RunAsync("ECHO", "anybody?"));
        redis.Thaw();

        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    return await client.RunAsync("ECHO", "back") == "back";
                }
                catch (RedisException)
                {
                    return false;
                }
            },
            "it is connected again");
    }

    [Fact]
    public async Task A_user_and_a_password_are_asked_for_and_permissions_hold()
    {
        await using var redis = await RedisInstance.StartNewAsync(
            ["--requirepass", "root pass:word", "--user", "app", "on", ">app/pass", "~app:*", "+@all", "-config"], ["--no-auth-warning", "-a", "root pass:word"]);
        Task<RedisServer> ConnectAsync(string account) => RedisConnections.Connector(new Uri($"redis://{account}127.0.0.1:{redis.Port}/1")).ConnectAsync("test", CancellationToken.None);

        await using (var root = await ConnectAsync(":root%20pass%3Aword@"))
            (await root.RunAsync("ACL", "WHOAMI")).ShouldBe("default");
        await using var app = await ConnectAsync("app:app%2Fpass@");
        (await app.RunAsync("SET", "app:key", "1")).ShouldBe("OK");
        (await redis.CommandAsync("-n", "1", "EXISTS", "app:key")).ShouldBe("1", "the database is the one of the address");
        (await Should.ThrowAsync<RedisServerException>(() => app.RunAsync("SET", "other", "1"))).Code.ShouldBe("NOPERM");
        (await Should.ThrowAsync<RedisUnsuitableException>(() => ConnectAsync("app:wrong@"))).Message.ShouldContain("refuses the user or the password");
        (await Should.ThrowAsync<RedisUnsuitableException>(() => ConnectAsync(""))).Message.ShouldContain("refuses the user or the password");
    }

    [Fact]
    public async Task TLS_is_spoken_with_who_shows_a_certificate_for_its_name_by_a_signer_that_is_trusted()
    {
        var folder = Directory.CreateTempSubdirectory("mneme-redis-tls-").FullName;
        var certificates = TestCertificates.Write(folder, "localhost");
        await using var redis = await RedisInstance.StartNewAsync(
            ["--tls-port", "{tls}", "--tls-cert-file", certificates.Certificate, "--tls-key-file", certificates.Key, "--tls-ca-cert-file", certificates.Authority, "--tls-auth-clients", "no"], folder: folder);

        await using (var server = await RedisConnections.Connector(new Uri($"rediss://localhost:{redis.TlsPort}"), certificate: certificates.Authority).ConnectAsync("test", CancellationToken.None))
            (await server.RunAsync("ECHO", "secret")).ShouldBe("secret");
        (await Should.ThrowAsync<RedisConnectionException>(() => RedisConnections.Connector(new Uri($"rediss://127.0.0.1:{redis.TlsPort}"), certificate: certificates.Authority).ConnectAsync("test", CancellationToken.None)))
            .Message.ShouldContain("RemoteCertificateNameMismatch");
        (await Should.ThrowAsync<RedisConnectionException>(() => RedisConnections.Connector(new Uri($"rediss://localhost:{redis.TlsPort}")).ConnectAsync("test", CancellationToken.None)))
            .Message.ShouldContain("certificate is invalid");
        await Should.ThrowAsync<RedisConnectionException>(
            () => RedisConnections.Connector(new Uri($"rediss://localhost:{redis.Port}"), TimeSpan.FromSeconds(2), certificates.Authority).ConnectAsync("test", CancellationToken.None), "that port speaks no TLS");
    }

    [Fact]
    public async Task A_cluster_and_a_replica_are_refused_with_the_reason()
    {
        await using var cluster = await RedisInstance.StartNewAsync(["--cluster-enabled", "yes"]);
        (await Should.ThrowAsync<RedisUnsuitableException>(() => cluster.ConnectAsync())).Message.ShouldContain("is a cluster, which is not supported");

        await using var primary = await RedisInstance.StartNewAsync();
        await using var replica = await RedisInstance.StartNewAsync(["--replicaof", "127.0.0.1", $"{primary.Port}"]);
        (await Should.ThrowAsync<RedisUnsuitableException>(() => replica.ConnectAsync())).Message.ShouldContain("is a replica");
    }

    private static RedisClient Client(RedisInstance redis, TimeSpan? timeout = null) => new(RedisConnections.Connector(redis.Address, timeout), "test", TimeProvider.System);
}
