namespace Mneme.Platform.Http.Outgoing;

/// <summary>What can go wrong with a request to an address from outside.</summary>
public enum OutgoingFailure
{
    /// <summary>Not called: the address, or one that it leads to, is not on the public internet, or not on an allowed port.</summary>
    Refused,

    /// <summary>Nobody answers: unknown name, no connection, a connection that broke, no trustworthy certificate.</summary>
    Unreachable,
    TimedOut,
    TooManyRedirects,

    /// <summary>404 or 410.</summary>
    NotFound,

    /// <summary>401, 402, 403, 407 or 451.</summary>
    Denied,

    /// <summary>Any other status that is no success.</summary>
    Status,

    /// <summary>Not one of the media types asked for.</summary>
    WrongType,
    TooLarge,

    /// <summary>It breaks HTTP's rules or those of its own compression.</summary>
    Malformed,
}

/// <summary>A request to an address from outside failed. The message is for the person who gave the address.</summary>
public sealed class OutgoingException(OutgoingFailure failure, string message, bool isTransient = false, Exception? inner = null) : Exception(message, inner)
{
    internal const string RefusedAddress = "The address leads to a private network or to this machine itself; only the public web is called.";

    public OutgoingFailure Failure { get; } = failure;

    /// <summary>Whether it may succeed some time later.</summary>
    public bool IsTransient { get; } = isTransient;
}
