using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mneme.IntegrationTests.Ai;

/// <summary>A request as the provider would see it.</summary>
public sealed record ReceivedRequest(string Path, IReadOnlyDictionary<string, string> Headers, JsonNode Body, string Text);

/// <summary>How the stand-in answers one request.</summary>
public sealed record Reply(int Status, string Body)
{
    public Dictionary<string, string> Headers { get; init; } = [];

    /// <summary>Held until the test lets go, or the caller gives up.</summary>
    public Task? Until { get; init; }

    /// <summary>The connection breaks before a byte of the answer.</summary>
    public bool Resets { get; init; }

    /// <summary>The connection breaks in the middle of the body.</summary>
    public bool BreaksOff { get; init; }
}

/// <summary>An HTTP server on a free port that speaks a provider's wire format, checks that requests do, and fails as it is told to.</summary>
public sealed class ModelStandIn : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly IDialect _dialect;
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private readonly Queue<Reply> _replies = new();
    private readonly Lock _turn = new();
    private Reply _last;

    private ModelStandIn(WebApplication app, IDialect dialect) => (_app, _dialect, _last) = (app, dialect, dialect.Answer(Material.GoodAnswer));

    public Uri Address { get; private set; } = null!;

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public static async Task<ModelStandIn> StartAsync(IDialect dialect)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var standIn = new ModelStandIn(app, dialect);
        app.Run(standIn.HandleAsync);
        await app.StartAsync();
        standIn.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return standIn;
    }

    /// <summary>Forgets what it received, and answers so from now on; the last reply is repeated.</summary>
    public void Script(params Reply[] replies)
    {
        lock (_turn)
        {
            _requests.Clear();
            _replies.Clear();
            foreach (var reply in replies)
                _replies.Enqueue(reply);
            _last = replies.LastOrDefault() ?? _dialect.Answer(Material.GoodAnswer);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync();
        var request = new ReceivedRequest(
            context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), JsonNode.Parse(text)!, text);
        Reply reply;
        lock (_turn)
        {
            _requests.Enqueue(request);
            reply = _dialect.Complaint(request) is { } complaint ? _dialect.Error(400, complaint) : _replies.TryDequeue(out var next) ? next : _last;
        }

        if (reply.Until is { } until)
            await until.WaitAsync(context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        if (reply.Resets)
        {
            context.Abort();
            return;
        }

        var body = Encoding.UTF8.GetBytes(reply.Body);
        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = "application/json";
        foreach (var (name, value) in reply.Headers)
            context.Response.Headers[name] = value;
        if (reply.BreaksOff)
        {
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body.AsMemory(0, body.Length / 2));
            await context.Response.Body.FlushAsync();
            context.Abort();
            return;
        }

        // As the providers do.
        if (request.Headers.GetValueOrDefault("Accept-Encoding")?.Contains("gzip", StringComparison.Ordinal) == true)
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync(body);
            return;
        }

        await context.Response.Body.WriteAsync(body);
    }
}

/// <summary>A provider's wire format, as its documentation describes it.</summary>
public interface IDialect
{
    string Provider { get; }

    string Model { get; }

    Dictionary<string, string?> Settings(Uri address);

    /// <summary>What the real provider would refuse the request for; null if nothing.</summary>
    string? Complaint(ReceivedRequest request);

    Reply Answer(string text, int input = 700, int output = 300);

    Reply CutOff(string text);

    Reply Refusal();

    Reply Error(int status, string type);

    /// <summary>All that was said to the model in the name of the program.</summary>
    string System(ReceivedRequest request);

    /// <summary>Roles and texts of the conversation without the system's part.</summary>
    IReadOnlyList<(string Role, string Text)> Conversation(ReceivedRequest request);
}

/// <summary>Anthropic's Messages API.</summary>
public sealed class AnthropicDialect : IDialect
{
    public string Provider => "anthropic";

    public string Model => "claude-sonnet-5-5";

    public Dictionary<string, string?> Settings(Uri address) => new(StringComparer.Ordinal)
    {
        ["Ai:Provider"] = "Anthropic",
        ["Ai:AnthropicApiKey"] = "sk-secret-key",
        ["Ai:AnthropicBaseUrl"] = address.AbsoluteUri,
    };

    public string? Complaint(ReceivedRequest request) => request switch
    {
        { Path: not "/v1/messages" } => "there is no such address",
        _ when !request.Headers.ContainsKey("anthropic-version") => "anthropic-version: header is required",
        _ when !request.Headers.Values.Any(value => value.Contains("sk-secret-key", StringComparison.Ordinal)) => "x-api-key header is required",
        _ when request.Body["model"]?.GetValue<string>() != Model => "model: unknown",
        _ when request.Body["max_tokens"]?.GetValue<int>() is not > 0 => "max_tokens: Field required",
        _ when request.Body["messages"]!.AsArray()[0]!["role"]!.GetValue<string>() != "user" => "messages: first message must use the user role",
        _ when request.Body["temperature"] is not null => "temperature is not supported by this model",
        _ when request.Body["output_config"]?["format"]?["type"]?.GetValue<string>() != "json_schema" => "output_config.format: expected json_schema",
        _ => null,
    };

    public Reply Answer(string text, int input = 700, int output = 300) => Message(text, "end_turn", input, output);

    public Reply CutOff(string text) => Message(text, "max_tokens", 700, 300);

    public Reply Refusal() => Message("I will not work on this.", "refusal", 700, 10);

    public Reply Error(int status, string type) => new(status, new JsonObject
    {
        ["type"] = "error",
        ["error"] = new JsonObject { ["type"] = type, ["message"] = "The stand-in says so." },
        ["request_id"] = "req_1",
    }.ToJsonString());

    public string System(ReceivedRequest request) => request.Body["system"]!.ToJsonString();

    public IReadOnlyList<(string Role, string Text)> Conversation(ReceivedRequest request) =>
        [.. request.Body["messages"]!.AsArray().Select(message => (message!["role"]!.GetValue<string>(), message["content"] is JsonArray parts
            ? string.Concat(parts.Select(part => part!["text"]!.GetValue<string>()))
            : message["content"]!.GetValue<string>()))];

    private Reply Message(string text, string stopReason, int input, int output) => new(200, new JsonObject
    {
        ["id"] = "msg_1",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = Model,
        ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }),
        ["stop_reason"] = stopReason,
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject { ["input_tokens"] = input, ["output_tokens"] = output, ["cache_creation_input_tokens"] = 0, ["cache_read_input_tokens"] = 0 },
    }.ToJsonString());
}

/// <summary>OpenAI's Chat Completions API.</summary>
public sealed class OpenAiDialect : IDialect
{
    public string Provider => "openai";

    public string Model => "gpt-5.6-luna";

    /// <summary>Kinds of response_format that this endpoint takes.</summary>
    public HashSet<string> Formats { get; } = ["json_schema", "json_object"];

    public Dictionary<string, string?> Settings(Uri address) => new(StringComparer.Ordinal)
    {
        ["Ai:Provider"] = "OpenAi",
        ["Ai:OpenAiApiKey"] = "sk-secret-key",
        ["Ai:OpenAiBaseUrl"] = new Uri(address, "/v1").AbsoluteUri,
    };

    public string? Complaint(ReceivedRequest request) => request switch
    {
        { Path: not "/v1/chat/completions" } => "there is no such address",
        _ when request.Headers.GetValueOrDefault("Authorization") != "Bearer sk-secret-key" => "You didn't provide an API key.",
        _ when request.Body["model"]?.GetValue<string>() != Model => "you must provide a model parameter",
        _ when request.Body["messages"] is not JsonArray { Count: > 0 } => "'messages' is required",
        _ when request.Body["response_format"]?["type"]?.GetValue<string>() is { } format && !Formats.Contains(format) => $"response_format '{format}' is not supported",
        _ when request.Body["response_format"]?["json_schema"] is { } schema && schema["strict"]?.GetValue<bool>() != true => "strict is expected",
        _ => null,
    };

    public Reply Answer(string text, int input = 700, int output = 300) => Completion(text, null, "stop", input, output);

    public Reply CutOff(string text) => Completion(text, null, "length", 700, 300);

    public Reply Refusal() => Completion(null, "I will not work on this.", "stop", 700, 10);

    public Reply Error(int status, string type) => new(status, new JsonObject
    {
        ["error"] = new JsonObject { ["message"] = "The stand-in says so.", ["type"] = type, ["param"] = null, ["code"] = type },
    }.ToJsonString());

    public string System(ReceivedRequest request) =>
        string.Concat(request.Body["messages"]!.AsArray().Where(m => m!["role"]!.GetValue<string>() is "system" or "developer").Select(m => m!.ToJsonString()));

    public IReadOnlyList<(string Role, string Text)> Conversation(ReceivedRequest request) =>
        [.. request.Body["messages"]!.AsArray().Where(m => m!["role"]!.GetValue<string>() is not ("system" or "developer")).Select(message => (message!["role"]!.GetValue<string>(), message["content"] is JsonArray parts
            ? string.Concat(parts.Select(part => part!["text"]!.GetValue<string>()))
            : message["content"]!.GetValue<string>()))];

    private Reply Completion(string? text, string? refusal, string finishReason, int input, int output) => new(200, new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1_795_000_000,
        ["model"] = Model,
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text, ["refusal"] = refusal },
            ["logprobs"] = null,
            ["finish_reason"] = finishReason,
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = input, ["completion_tokens"] = output, ["total_tokens"] = input + output },
    }.ToJsonString());
}
