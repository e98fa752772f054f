using System.ClientModel;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using OpenAI.Chat;
using ChatFinishReason = Microsoft.Extensions.AI.ChatFinishReason;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatResponseFormat = OpenAI.Chat.ChatResponseFormat;

namespace Mneme.Ai.Models;

/// <summary>
/// OpenAI's client library behind <see cref="IChatClient"/>, for text. Endpoints that speak the same protocol do not all know JSON Schemas:
/// one that refuses a request with a schema is asked for a JSON object, then for plain text, and what worked is remembered.
/// </summary>
internal sealed class OpenAiChatClient(ChatClient client) : IChatClient
{
    private enum Form
    {
        Schema,
        JsonObject,
        Plain,
    }

    private volatile Form _form = Form.Schema;

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Messages(messages, options);
        for (var form = _form; ; form++)
        {
            try
            {
                var completion = await client.CompleteChatAsync(request, Options(options, form), cancellationToken);
                _form = form;
                return Response(completion);
            }
            catch (Exception e) when (form < Form.Plain && options?.ResponseFormat is ChatResponseFormatJson
                && ModelException.Of(e) is { Status: HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity, Failure.Kind: ModelFailureKind.RequestRefused })
            {
                // A refused request costs nothing; the next form is tried.
            }
        }
    }

    /// <summary>The whole answer as one update: nothing here shows an answer while it grows.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClient) ? client : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The library's client holds nothing of its own; its HttpClient lives as long as the program.
    }

    private static List<OpenAI.Chat.ChatMessage> Messages(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var result = new List<OpenAI.Chat.ChatMessage>();
        if (options?.Instructions is { Length: > 0 } instructions)
            result.Add(new SystemChatMessage(instructions));
        result.AddRange(messages.Select<ChatMessage, OpenAI.Chat.ChatMessage>(message => message.Role switch
        {
            var role when role == ChatRole.System => new SystemChatMessage(message.Text),
            var role when role == ChatRole.Assistant => new AssistantChatMessage(message.Text),
            _ => new UserChatMessage(message.Text),
        }));
        return result;
    }

    private static ChatCompletionOptions Options(ChatOptions? options, Form form)
    {
        var result = new ChatCompletionOptions { MaxOutputTokenCount = options?.MaxOutputTokens };
        if (options?.ResponseFormat is not ChatResponseFormatJson json)
            return result;
        result.ResponseFormat = form switch
        {
            Form.Schema when json.Schema is { } schema => ChatResponseFormat.CreateJsonSchemaFormat(
                json.SchemaName ?? "answer", BinaryData.FromString(schema.GetRawText()), json.SchemaDescription, jsonSchemaIsStrict: true),
            Form.Plain => null,
            _ => ChatResponseFormat.CreateJsonObjectFormat(),
        };
        return result;
    }

    private static ChatResponse Response(ClientResult<ChatCompletion> result)
    {
        var completion = result.Value;
        var text = string.Concat(completion.Content.Select(part => part.Text));
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, text))
        {
            ModelId = completion.Model,
            ResponseId = completion.Id,
            FinishReason = completion.Refusal is { Length: > 0 }
                ? ChatFinishReason.ContentFilter
                : completion.FinishReason switch
                {
                    OpenAI.Chat.ChatFinishReason.Length => ChatFinishReason.Length,
                    OpenAI.Chat.ChatFinishReason.ContentFilter => ChatFinishReason.ContentFilter,
                    OpenAI.Chat.ChatFinishReason.ToolCalls or OpenAI.Chat.ChatFinishReason.FunctionCall => ChatFinishReason.ToolCalls,
                    _ => ChatFinishReason.Stop,
                },
            Usage = completion.Usage is { } usage
                ? new UsageDetails { InputTokenCount = usage.InputTokenCount, OutputTokenCount = usage.OutputTokenCount, TotalTokenCount = usage.TotalTokenCount }
                : null,
        };
    }
}
