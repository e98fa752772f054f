using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;

namespace Mneme.Notify.Templates;

/// <summary>Templates to HTML, and the same content to plain text.</summary>
internal sealed class MailRenderer(IServiceProvider services, ILoggerFactory loggers)
{
    public Task<string> HtmlAsync(MailContent content)
    {
        var parameters = new Dictionary<string, object?>(StringComparer.Ordinal) { [nameof(WelcomeMail.Content)] = content };
        return content.Figure is null ? RenderAsync<WelcomeMail>(parameters) : RenderAsync<CountMail>(parameters);
    }

    public async Task<string> RenderAsync<TComponent>(IReadOnlyDictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        await using var renderer = new HtmlRenderer(services, loggers);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters.ToDictionary()))).ToHtmlString());
    }

    public static string Text(MailContent content)
    {
        var text = new StringBuilder().AppendJoin("\n\n", content.Greeting, Body());
        for (var i = 0; i < content.Steps.Count; i++)
            text.Append($"\n{(i == 0 ? "\n" : "")}{i + 1}. {content.Steps[i]}");
        text.Append($"\n\n{content.Action.Label}:\n{content.Action.Address.AbsoluteUri}\n\n-- \n{content.Reason}\n");
        if (content.Unsubscribe is { } unsubscribe)
            text.Append($"{unsubscribe.Label}:\n{unsubscribe.Address.AbsoluteUri}\n");
        return text.ToString();

        string Body() => content.Figure is null ? content.Body : $"{content.Subject}. {content.Body}";
    }
}
