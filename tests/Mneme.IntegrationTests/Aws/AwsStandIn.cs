using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Mneme.Platform.Hosting;

namespace Mneme.IntegrationTests.Aws;

/// <summary>What AWS answers when it refuses.</summary>
public sealed class AwsRefusalException(string code, string message, int status = 400) : Exception(message)
{
    public string Code => code;

    public int Status => status;
}

/// <summary>What goes wrong with one request.</summary>
public sealed record AwsFault
{
    /// <summary>The connection breaks before the request was looked at.</summary>
    public bool Drops { get; init; }

    /// <summary>The request is carried out, and the connection breaks before the answer.</summary>
    public bool LosesAnswer { get; init; }

    /// <summary>It is refused.</summary>
    public AwsRefusalException? Refusal { get; init; }

    /// <summary>The answer waits for this.</summary>
    public Task? Until { get; init; }

    /// <summary>Of a batch, the entries at these places fail with <see cref="Refusal"/>'s code.</summary>
    public IReadOnlyList<int> FailingEntries { get; init; } = [];
}

/// <summary>A request that was carried out or refused.</summary>
public sealed record AwsRequest(string Service, string Operation, JsonObject Body);

/// <summary>
/// EventBridge, SQS, SNS, SES and Secrets Manager as far as they are used here, on loopback, by AWS's documentation of their wire formats. Every signature is checked. It keeps what it confirmed
/// when it is killed, can be frozen and cut off, and fails as it is told to.
/// </summary>
public sealed class AwsStandIn : IAsyncDisposable
{
    public const string Region = "eu-central-1";
    public const string Account = "123456789012";

    private readonly int _port = LoopbackPort.Free();
    private readonly ConcurrentDictionary<ConnectionContext, bool> _connections = new();
    private readonly ConcurrentQueue<AwsRequest> _requests = new();
    private readonly List<(string Operation, AwsFault Fault)> _faults = [];
    private TaskCompletionSource? _frozen;
    private WebApplication? _app;

    static AwsStandIn()
    {
        // Where the chain of credentials looks first. Nothing else in this process reads them.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", StandInSignature.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", StandInSignature.SecretKey);
        Environment.SetEnvironmentVariable("AWS_SESSION_TOKEN", StandInSignature.Token);
    }

    public AwsStandIn(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Queues = new StandInQueues(Time, new Uri(Address, $"/{Account}/"));
        Bus = new StandInBus(Queues);
        Others = new StandInOthers();
    }

    public Uri Address => new($"http://127.0.0.1:{_port}/");

    /// <summary>AWS's clock: of visibility timeouts, and of signatures.</summary>
    public TimeProvider Time { get; }

    public StandInQueues Queues { get; }

    public StandInBus Bus { get; }

    public StandInOthers Others { get; }

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<AwsRequest> Requests => [.. _requests];

    public IReadOnlyList<AwsRequest> RequestsOf(string operation) => [.. _requests.Where(request => request.Operation == operation)];

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(_port, listen => listen.Use(next => async connection =>
        {
            _connections[connection] = true;
            try
            {
                await next(connection);
            }
            finally
            {
                _connections.TryRemove(connection, out _);
            }
        })));
        _app = builder.Build();
        _app.Run(HandleAsync);
        await _app.StartAsync();
    }

    /// <summary>Ends at once; what it confirmed is there after the next start.</summary>
    public async Task KillAsync()
    {
        DisconnectAll();
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    public void DisconnectAll()
    {
        foreach (var connection in _connections.Keys)
            connection.Abort();
    }

    public void Freeze() => _frozen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Thaw() => Interlocked.Exchange(ref _frozen, null)?.SetResult();

    /// <summary>Lets the next requests for an operation fail, one after another.</summary>
    public void Fail(string operation, params IEnumerable<AwsFault> faults)
    {
        lock (_faults)
            _faults.AddRange(faults.Select(fault => (operation, fault)));
    }

    private AwsFault? NextFault(string operation)
    {
        lock (_faults)
        {
            var i = _faults.FindIndex(fault => fault.Operation == operation);
            if (i < 0)
                return null;
            var fault = _faults[i].Fault;
            _faults.RemoveAt(i);
            return fault;
        }
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (_frozen is { } frozen)
            await frozen.Task;
        using var buffer = new MemoryStream();
        await http.Request.Body.CopyToAsync(buffer);
        var body = buffer.ToArray();
        http.Response.Headers.Date = Time.GetUtcNow().ToString("R");
        http.Response.Headers["x-amzn-RequestId"] = Guid.NewGuid().ToString();
        var isQuery = http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true;
        try
        {
            var service = StandInSignature.Verify(http, body, Time.GetUtcNow());
            var (operation, request) = Read(http, service, body, isQuery);
            _requests.Enqueue(new AwsRequest(service, operation, request));
            var fault = NextFault(operation);
            if (fault is { Drops: true })
            {
                http.Abort();
                return;
            }

            if (fault is { Refusal: { } refusal, FailingEntries.Count: 0 })
                throw refusal;
            if (fault?.Until is { } until)
                await until.WaitAsync(http.RequestAborted);
            var answer = await AnswerAsync(service, operation, request, fault, http.RequestAborted);
            if (fault is { LosesAnswer: true })
                http.Abort();
            else
                await WriteAsync(http, answer, isQuery);
        }
        catch (AwsRefusalException refusal)
        {
            http.Response.StatusCode = refusal.Status;
            await WriteAsync(http, isQuery ? Xml(refusal) : new JsonObject { ["__type"] = "com.amazonaws.standin#" + refusal.Code, ["message"] = refusal.Message }, isQuery);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has gone.
        }
    }

    private static (string Operation, JsonObject Body) Read(HttpContext http, string service, byte[] body, bool isQuery)
    {
        if (isQuery)
        {
            var form = System.Web.HttpUtility.ParseQueryString(Encoding.UTF8.GetString(body));
            return (form["Action"]!, new JsonObject(form.AllKeys.Select(key => KeyValuePair.Create<string, JsonNode?>(key!, form[key]))));
        }

        var json = body.Length == 0 ? [] : JsonNode.Parse(body)!.AsObject();
        if (http.Request.Headers["X-Amz-Target"].ToString() is not { Length: > 0 } target)
            return (http.Request.Path.Value!, json);
        var (prefix, version) = service switch
        {
            "events" => ("AWSEvents", "1.1"),
            "sqs" => ("AmazonSQS", "1.0"),
            "secretsmanager" => ("secretsmanager", "1.1"),
            _ => throw new AwsRefusalException("UnknownOperationException", $"{service} knows no X-Amz-Target."),
        };
        return target.Split('.') is [var named, var operation] && named == prefix && http.Request.ContentType == $"application/x-amz-json-{version}"
            ? (operation, json)
            : throw new AwsRefusalException("UnknownOperationException", $"{target} as {http.Request.ContentType} is not {service}'s.");
    }

    private async Task<JsonObject> AnswerAsync(string service, string operation, JsonObject request, AwsFault? fault, CancellationToken ct) => service switch
    {
        "sqs" => await Queues.AnswerAsync(operation, request, fault, ct),
        "events" => Bus.Answer(operation, request, fault),
        _ => Others.Answer(service, operation, request),
    };

    private static JsonObject Xml(AwsRefusalException refusal) =>
        new() { ["xml"] = $"<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type><Code>{refusal.Code}</Code><Message>{refusal.Message}</Message></Error><RequestId>1</RequestId></ErrorResponse>" };

    private static Task WriteAsync(HttpContext http, JsonObject answer, bool isQuery)
    {
        http.Response.ContentType = isQuery ? "text/xml" : http.Request.ContentType;
        return http.Response.WriteAsync(isQuery ? answer["xml"]!.GetValue<string>() : answer.ToJsonString(new JsonSerializerOptions(JsonSerializerDefaults.General)));
    }

    public async ValueTask DisposeAsync()
    {
        Thaw();
        if (_app is not null)
            await KillAsync();
    }
}
