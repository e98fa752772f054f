using System.Text;
using System.Text.Encodings.Web;

namespace Mneme.Platform.Http;

/// <summary>What the page at <c>/</c> says. The host registers its own; none of it is secret.</summary>
public sealed record Welcome
{
    internal const string Icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="6" y="3" width="21" height="25" rx="4" fill="#c9b6f2" transform="rotate(7 16 16)"/><rect x="5" y="4" width="21" height="25" rx="4" fill="#6b46c1"/><path d="M10 23V11l5.5 7L21 11v12" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>
        """;

    public string Name { get; init; } = "Mneme";

    /// <summary>One sentence below the name.</summary>
    public string Tagline { get; init; } = "It runs.";

    /// <summary>Links besides the API page and health, such as the tour in the README.</summary>
    public IReadOnlyList<WelcomeLink> Links { get; init; } = [];

    /// <summary>Commands to try, in order.</summary>
    public IReadOnlyList<WelcomeStep> Steps { get; init; } = [];

    /// <param name="nonce">Admits the page's style.</param>
    /// <param name="basePath">What a proxy put before the path; links begin with it.</param>
    internal string ToHtml(string nonce, string basePath)
    {
        var html = new StringBuilder();
        html.Append($$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{{Encode(Name)}}</title>
            <link rel="icon" type="image/svg+xml" href="{{Encode(basePath)}}/favicon.ico">
            <style nonce="{{nonce}}">
            :root { --ground: #faf9fd; --card: #fff; --ink: #241f31; --quiet: #655d78; --line: #e4dff0; --accent: #6b46c1; --code: #f2eefa }
            @media (prefers-color-scheme: dark) { :root { --ground: #16131d; --card: #1f1b29; --ink: #ece8f5; --quiet: #a69dba; --line: #332c43; --accent: #b79df0; --code: #2a2438 } }
            * { box-sizing: border-box }
            body { margin: 0; background: var(--ground); color: var(--ink); font: 17px/1.6 system-ui, sans-serif }
            main { max-width: 46rem; margin: 0 auto; padding: 4.5rem 1.5rem 3rem }
            header { display: flex; gap: 1.2rem; align-items: center; margin-bottom: 2.5rem }
            header svg { width: 4.2rem; flex: none }
            h1 { margin: 0; font-size: 2.4rem; line-height: 1.1; letter-spacing: -.02em }
            header p { margin: .35rem 0 0; color: var(--quiet) }
            nav { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 1rem }
            nav a { display: block; padding: 1.1rem 1.3rem; background: var(--card); border: 1px solid var(--line); border-radius: .9rem; color: inherit; text-decoration: none }
            nav a:hover, nav a:focus-visible { border-color: var(--accent); outline: none }
            nav b { color: var(--accent) }
            nav span { display: block; color: var(--quiet); font-size: .92rem }
            h2 { margin: 2.8rem 0 .6rem; font-size: 1.2rem }
            ol { padding-left: 1.3rem } li { margin: .9rem 0 }
            pre { margin: .3rem 0; padding: .8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--code); border-radius: .6rem; font: .86rem/1.5 ui-monospace, monospace }
            </style>
            </head>
            <body>
            <main>
            <header>{{Icon}}<div><h1>{{Encode(Name)}}</h1><p>{{Encode(Tagline)}}</p></div></header>
            <nav>

            """);
        WelcomeLink[] links = [new("/docs", "API page", "Every operation, to read and to try."), .. Links, new("/health", "Health", "Whether everything answers.")];
        foreach (var link in links)
            html.Append($"<a href=\"{Encode(link.Address[0] == '/' ? basePath + link.Address : link.Address)}\"><b>{Encode(link.Title)}</b><span>{Encode(link.Description)}</span></a>\n");
        html.Append("</nav>\n");
        if (Steps.Count > 0)
        {
            html.Append("<h2>Try it</h2>\n<ol>\n");
            foreach (var step in Steps)
                html.Append($"<li>{Encode(step.Title)}<pre>{Encode(step.Command)}</pre></li>\n");
            html.Append("</ol>\n");
        }

        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}

public sealed record WelcomeLink(string Address, string Title, string Description);

/// <param name="Title">What it does.</param>
/// <param name="Command">A line for the shell.</param>
public sealed record WelcomeStep(string Title, string Command);
