using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mneme.Platform.Aws.Client;

namespace Mneme.IntegrationTests.Aws;

/// <summary>Our signer and our stand-in against AWS's own SDK.</summary>
public sealed class AwsSdkTests(AwsSdk sdk) : IClassFixture<AwsSdk>
{
    [Fact]
    public async Task We_sign_as_the_SDK_signs()
    {
        var random = new Random(20260101);
        var requests = Enumerable.Range(0, 200).Select(i => Some(random, i)).ToList();

        var theirs = JsonSerializer.Deserialize<string[]>(await sdk.RunAsync("sign.mjs", JsonSerializer.Serialize(requests)))!;

        requests.Select(Ours).ShouldBe(theirs);
    }

    [Fact]
    public async Task The_SDKs_clients_understand_the_stand_in()
    {
        await using var aws = new AwsStandIn();
        await aws.StartAsync();
        aws.Others.Secrets["sdk"] = "value";

        var seen = JsonNode.Parse(await sdk.RunAsync("use.mjs", input: "", aws.Address.ToString().TrimEnd('/'), AwsStandIn.Region))!;

        seen.ToJsonString().ShouldBe(
            """{"sameUrl":true,"exists":"QueueNameExists","missing":"QueueDoesNotExist","busExists":"ResourceAlreadyExistsException","targets":0,"rules":["rule"],"put":[1,"string","MalformedDetail"],"messages":[["{\u0022n\u0022:1}","1"],["second","1"]],"extended":2,"deleted":2,"secret":"value","noSecret":"ResourceNotFoundException"}""");
        aws.Others.Notices.ShouldHaveSingleItem().ShouldBe(("arn:aws:sns:eu-central-1:123456789012:topic", "subject", "message & more"));
        aws.Others.Mails.ShouldHaveSingleItem().ShouldBe(("a@example.org", "b@example.org", "Subject: hello\r\n\r\n"));
    }

    private sealed record Request(
        string service, string region, string accessKey, string secretKey, string? token, string method, string path, string query, Dictionary<string, string> headers, string body, DateTimeOffset time);

    private static Request Some(Random random, int i)
    {
        var time = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + random.Next(100_000_000));
        string Text(string letters, int length) => new([.. Enumerable.Range(0, random.Next(length)).Select(_ => letters[random.Next(letters.Length)])]);
        var token = i % 2 == 0 ? null : "T" + Text("abc/+=", 40);
        var headers = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Host"] = "sqs.eu-central-1.amazonaws.com",
            ["X-Amz-Date"] = SigV4.Timestamp(time),
            ["Content-Type"] = "application/x-amz-json-1.0",
            ["X-Amz-Target"] = "AmazonSQS." + Text("ABCdef", 20),
        };
        if (token is not null)
            headers["X-Amz-Security-Token"] = token;
        return new Request(
            i % 3 == 0 ? "sqs" : "events", "eu-central-1", "AKID" + i, "K" + Text("aB3/+", 40), token, "POST", "/a" + Text("ab-_~%20", 12) + "/" + Text("xyz", 5),
            i % 5 == 0 ? "b=2&a=" + Text("xyz~-_.", 8) : "", headers, Text("{\"ä€\u0001}", 300), time);
    }

    private static string Ours(Request request) => SigV4.Authorization(
        new AwsKeys(request.accessKey, request.secretKey, request.token), request.region, request.service, request.headers["X-Amz-Date"], request.method, request.path, request.query, request.headers,
        Encoding.UTF8.GetBytes(request.body));
}
