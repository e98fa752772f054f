using Microsoft.Extensions.Logging.Abstractions;
using Mneme.Platform.Aws;
using Mneme.Platform.Aws.Client;

namespace Mneme.IntegrationTests.Aws;

internal static class AwsClients
{
    /// <summary>A client of a stand-in.</summary>
    /// <param name="aws">Whom it asks.</param>
    /// <param name="time">Its own clock.</param>
    /// <param name="attempts">How often it tries.</param>
    /// <param name="requestTimeout">How long it waits.</param>
    public static AwsClient Client(this AwsStandIn aws, TimeProvider? time = null, int attempts = 4, TimeSpan? requestTimeout = null)
    {
        var options = new AwsOptions { EndpointUrl = aws.Address, Region = AwsStandIn.Region, MaxAttempts = attempts, RequestTimeout = requestTimeout ?? TimeSpan.FromSeconds(30) };
        return new AwsClient(options, new AwsCredentials(options), time ?? TimeProvider.System, NullLogger<AwsClient>.Instance);
    }
}
