namespace Mneme.Platform.Redis.Resp;

/// <summary>A command to Redis has failed.</summary>
public abstract class RedisException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The server answered with an error. The connection is fine.</summary>
public sealed class RedisServerException(string message) : RedisException(message)
{
    /// <summary>The first word of the error, such as <c>ERR</c>, <c>BUSYGROUP</c> or <c>NOPERM</c>.</summary>
    public string Code { get; } = message.Split(' ', 2)[0];
}

/// <summary>There is no connection, or it was lost: a command that was under way may or may not have been executed, and is not sent again.</summary>
public sealed class RedisConnectionException(string message, Exception? inner = null) : RedisException(message, inner);

/// <summary>The server did not answer in time: the command may or may not have been executed.</summary>
public sealed class RedisTimeoutException(string message) : RedisException(message);

/// <summary>The server is none that this program can use, or not as it is configured.</summary>
public sealed class RedisUnsuitableException(string message, Exception? inner = null) : RedisException(message, inner);

/// <summary>What arrived is not RESP, is beyond the limits, or is not what the command answers with.</summary>
public sealed class RespProtocolException(string message) : RedisException(message);
