using AngleSharp.Dom;

namespace Mneme.Capture.Pages;

/// <summary>How surely an element is not part of what a page is about.</summary>
internal enum Suspicion
{
    None,

    /// <summary>By its name: unless it holds most of the page.</summary>
    Named,

    /// <summary>It asks for consent: unless it holds the main part.</summary>
    Consent,

    /// <summary>By its element or role.</summary>
    Certain,
}

/// <summary>Knows navigation, advertising, cookie banners and the like by element, role, class and id.</summary>
internal static class Boilerplate
{
    private static readonly HashSet<string> Roles = new(StringComparer.OrdinalIgnoreCase)
    {
        "alertdialog", "banner", "complementary", "contentinfo", "dialog", "menu", "menubar", "navigation", "search", "tablist", "toolbar",
    };

    private static readonly HashSet<string> ConsentWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "ccpa", "cmp", "consent", "cookie", "cookiebot", "cookies", "didomi", "gdpr", "onetrust", "usercentrics",
    };

    private static readonly HashSet<string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        "ad", "ads", "adslot", "advert", "advertisement", "advertising", "anzeige", "banner", "breadcrumb", "breadcrumbs", "byline", "catlinks", "comment", "comments", "disqus", "editsection",
        "footer", "hatnote", "infobox", "lightbox", "login", "masthead", "menu", "modal", "nav", "navbar", "navbox", "navigation", "newsletter", "noprint", "overlay", "pager", "pagination",
        "paywall", "popup", "promo", "promotion", "recommend", "recommendations", "recommended", "references", "reflist", "related", "share", "shares", "sharing", "sidebar", "signup",
        "skip", "social", "sponsor", "sponsored", "subscribe", "subscription", "tags", "teaser", "teasers", "toc", "toolbar", "werbung",
    };

    public static Suspicion Of(IElement element)
    {
        if (element.LocalName is "nav" or "aside" or "footer" or "menu" or "dialog" or "search" || Roles.Contains(element.GetAttribute("role") ?? ""))
            return Suspicion.Certain;
        if (element.LocalName is "header" && !IsInArticle(element))
            return Suspicion.Certain;
        var suspicion = element.LocalName == "form" ? Suspicion.Named : Suspicion.None;
        foreach (var name in new[] { element.ClassName, element.Id })
        {
            foreach (var word in WordsOf(name ?? ""))
            {
                if (ConsentWords.Contains(word))
                    return Suspicion.Consent;
                if (Words.Contains(word))
                    suspicion = Suspicion.Named;
            }
        }

        return suspicion;
    }

    /// <summary>Where authors say that the page's main part is.</summary>
    public static bool IsMain(IElement element) =>
        element.LocalName is "main" or "article" || element.GetAttribute("role") is "main" or "article"
        || element.GetAttribute("itemprop")?.Split(' ').Contains("articleBody", StringComparer.OrdinalIgnoreCase) == true;

    /// <summary>The words of names such as <c>page-header__nav</c> and <c>cookieBanner</c>.</summary>
    internal static List<string> WordsOf(string name)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var isBoundary = i == name.Length || !char.IsAsciiLetter(name[i]);
            if (!isBoundary && !(i > start && char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterLower(name[i - 1])))
                continue;
            if (i > start)
                words.Add(name[start..i]);
            start = isBoundary ? i + 1 : i;
        }

        return words;
    }

    private static bool IsInArticle(IElement element)
    {
        for (var parent = element.ParentElement; parent is not null; parent = parent.ParentElement)
        {
            if (IsMain(parent))
                return true;
        }

        return false;
    }
}
