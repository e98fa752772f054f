using System.Text;
using Mneme.Platform.Aws.Client;

namespace Mneme.UnitTests.Platform.Aws;

/// <summary>Signatures against the vectors that AWS publishes; see Vectors/README.md for where they are from.</summary>
public sealed class SigV4Tests
{
    private static readonly AwsKeys Keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", Token: null);

    public static TheoryData<string> Vectors { get; } =
        [.. Directory.GetFiles(Repository.File("tests/Mneme.UnitTests/Platform/Aws/Vectors"), "*.txt").Select(file => Path.GetFileNameWithoutExtension(file)!)];

    [Fact]
    public void All_vectors_are_here() => Vectors.Count.ShouldBe(15);

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_request_is_signed_as_AWS_signs_it(string name)
    {
        var parts = File.ReadAllText(Repository.File($"tests/Mneme.UnitTests/Platform/Aws/Vectors/{name}.txt")).Split("\n\n", 2);
        var lines = parts[0].Split('\n');
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(pair => KeyValuePair.Create(pair[0], pair[1])).ToList();
        var target = lines[0][(lines[0].IndexOf(' ', StringComparison.Ordinal) + 1)..^" HTTP/1.1".Length].Split('?', 2);

        var signed = SigV4.Authorization(
            Keys, "us-east-1", "service", headers.Single(header => header.Key == "X-Amz-Date").Value, lines[0].Split(' ')[0], target[0], target.ElementAtOrDefault(1) ?? "",
            headers.Where(header => header.Key != "Authorization"), Encoding.UTF8.GetBytes(parts[1]));

        signed.ShouldBe(headers.Single(header => header.Key == "Authorization").Value);
    }

    // The suite's first, known from the suite's earlier form: AWS's documentation of the signing process uses it.
    [Fact]
    public void The_plainest_request_is_signed_as_AWS_signs_it() => SigV4.Authorization(
        Keys, "us-east-1", "service", SigV4.Timestamp(new DateTimeOffset(2015, 8, 30, 14, 36, 0, TimeSpan.FromHours(2))), "GET", "/", "",
        [new("Host", "example.amazonaws.com"), new("X-Amz-Date", "20150830T123600Z")], []).ShouldBe(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}
