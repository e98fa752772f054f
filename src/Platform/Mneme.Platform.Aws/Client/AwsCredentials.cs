using Amazon.Runtime;
using Amazon.Runtime.Credentials;

namespace Mneme.Platform.Aws.Client;

/// <summary>
/// Keys and region from where AWS's tools look for them: environment, web identity, profile, container, machine
/// (https://docs.aws.amazon.com/sdk-for-net/v4/developer-guide/creds-assign.html). The SDK renews what expires.
/// </summary>
internal sealed class AwsCredentials(AwsOptions options, AWSCredentials? given = null) : IDisposable
{
    private readonly DefaultAWSCredentialsIdentityResolver _chain = new();

    /// <exception cref="AwsException">There are none, or they cannot be had now.</exception>
    public async Task<AwsKeys> KeysAsync(CancellationToken ct)
    {
        try
        {
            var source = given ?? await _chain.ResolveIdentityAsync(clientConfig: null, ct);
            var keys = await source.GetCredentialsAsync().WaitAsync(ct);
            return new AwsKeys(keys.AccessKey, keys.SecretKey, keys.UseToken ? keys.Token : null);
        }
        catch (Exception e) when (e is AmazonClientException or AmazonServiceException or InvalidOperationException or HttpRequestException)
        {
            throw new AwsException(
                $"There are no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give this machine, container or pod a role. {e.Message}", e);
        }
    }

    /// <exception cref="AwsException">None is configured.</exception>
    public string Region() => options.Region is { Length: > 0 } configured ? configured : FallbackRegionFactory.GetRegionEndpoint()?.SystemName
        ?? throw new AwsException("There is no AWS region: set Aws__Region, such as eu-central-1, or AWS_REGION.");

    public void Dispose() => _chain.Dispose();
}
