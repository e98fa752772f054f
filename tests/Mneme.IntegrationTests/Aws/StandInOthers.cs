using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace Mneme.IntegrationTests.Aws;

/// <summary>SES v2, SNS and Secrets Manager: one operation of each.</summary>
public sealed class StandInOthers
{
    /// <summary>Mails that SES took: from, to, content.</summary>
    public ConcurrentQueue<(string From, string To, string Content)> Mails { get; } = new();

    /// <summary>Notices that SNS took: topic, subject, message.</summary>
    public ConcurrentQueue<(string Topic, string Subject, string Message)> Notices { get; } = new();

    /// <summary>Secrets by their names; null for one that is binary.</summary>
    public ConcurrentDictionary<string, string?> Secrets { get; } = new(StringComparer.Ordinal);

    internal JsonObject Answer(string service, string operation, JsonObject request) => (service, operation) switch
    {
        ("ses", "/v2/email/outbound-emails") => SendEmail(request),
        ("sns", "Publish") => Publish(request),
        ("secretsmanager", "GetSecretValue") => GetSecretValue(request["SecretId"]!.GetValue<string>()),
        _ => throw new AwsRefusalException("UnknownOperationException", operation, 404),
    };

    private JsonObject SendEmail(JsonObject request)
    {
        var content = Encoding.UTF8.GetString(Convert.FromBase64String(request["Content"]!["Raw"]!["Data"]!.GetValue<string>()));
        Mails.Enqueue((request["FromEmailAddress"]!.GetValue<string>(), request["Destination"]!["ToAddresses"]!.AsArray().ShouldHaveSingleItem()!.GetValue<string>(), content));
        return new JsonObject { ["MessageId"] = Guid.NewGuid().ToString() };
    }

    private JsonObject Publish(JsonObject form)
    {
        form["Version"]!.GetValue<string>().ShouldBe("2010-03-31");
        Notices.Enqueue((form["TopicArn"]!.GetValue<string>(), form["Subject"]!.GetValue<string>(), form["Message"]!.GetValue<string>()));
        return new JsonObject { ["xml"] = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>" };
    }

    private JsonObject GetSecretValue(string name)
    {
        if (!Secrets.TryGetValue(name, out var secret))
            throw new AwsRefusalException("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
        var answer = new JsonObject { ["Name"] = name, ["VersionId"] = Guid.NewGuid().ToString() };
        if (secret is null)
            answer["SecretBinary"] = "AAEC";
        else
            answer["SecretString"] = secret;
        return answer;
    }
}
