using AngleSharp.Html.Dom;
using Mneme.Capture.Domain;

namespace Mneme.Capture.Pages;

/// <summary>
/// Finds what a page is about. Text is weighed by running prose; what is boilerplate by its element, role or name is taken out, unless it holds most of
/// the page; then the element that its author calls the main part is taken, or else the smallest one that holds nearly all that is left.
/// </summary>
internal static class Article
{
    /// <summary>A page with less running text than this says nothing to learn from.</summary>
    private const int MinWeight = 100;

    /// <summary>A line without a sentence's end is a paragraph from this length on; shorter ones are dates, names and buttons.</summary>
    private const int ShortestLine = 50;

    /// <exception cref="PageException">There is no readable text.</exception>
    public static ReadablePage Read(IHtmlDocument document)
    {
        var outline = PageOutline.Of(document);
        var title = PageTitle.Of(document, outline);
        var content = new Content(outline, useNames: true);
        if (content.Weight < MinWeight)
            content = new Content(outline, useNames: false);
        var paragraphs = content.Weight < MinWeight ? [] : Compose(content.Blocks(), title);
        return paragraphs.Count > 0
            ? new ReadablePage(title, LanguageOf(document), paragraphs)
            : throw new PageException("There is no readable text on the page. It may need a browser or a sign-in. Capture the part that you want as text.");
    }

    private static List<string> Compose(IEnumerable<TextBlock> blocks, string? title)
    {
        var paragraphs = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        // Headings wait for something to stand under them.
        var headings = new List<TextBlock>();
        foreach (var block in blocks)
        {
            if (block.Kind == BlockKind.Heading)
            {
                headings.RemoveAll(heading => heading.Level >= block.Level);
                if (block.Text != title && block.LinkShare < 0.9)
                    headings.Add(block);
                continue;
            }

            if (!IsContent(block) || block.Text.Length > ShortestLine && !seen.Add(block.Text))
                continue;
            paragraphs.AddRange(headings.Select(heading => heading.Text));
            headings.Clear();
            paragraphs.Add(block.Text);
        }

        return paragraphs;
    }

    private static bool IsContent(TextBlock block) => block.LinkShare <= 0.5 && block.Kind switch
    {
        BlockKind.Paragraph => Prose.LengthOf(block.Text) >= ShortestLine || Prose.EndsLikeSentence(block.Text),
        _ => true,
    };

    private static string? LanguageOf(IHtmlDocument document) =>
        LanguageTag.Parse(document.DocumentElement.GetAttribute("lang")) ?? LanguageTag.Parse(document.DocumentElement.GetAttribute("xml:lang"))
        ?? LanguageTag.Parse(document.AttributeOf("meta", "http-equiv", "content-language", "content")) ?? LanguageTag.Parse(document.AttributeOf("meta", "property", "og:locale", "content"));

    /// <summary>An outline without boilerplate.</summary>
    private sealed class Content
    {
        private readonly PageOutline _outline;
        private readonly bool[] _isDropped;
        private int[] _sums;

        public Content(PageOutline outline, bool useNames)
        {
            _outline = outline;
            _isDropped = new bool[outline.Blocks.Count];
            _sums = Sums();
            Drop(element => element == Suspicion.Certain);
            if (useNames)
                Drop(element => element is Suspicion.Named or Suspicion.Consent);
        }

        public int Weight => _sums[^1];

        public IEnumerable<TextBlock> Blocks()
        {
            var main = Main();
            for (var i = main.FirstBlock; i < main.EndBlock; i++)
            {
                if (!_isDropped[i])
                    yield return _outline.Blocks[i];
            }
        }

        private void Drop(Func<Suspicion, bool> applies)
        {
            var half = Weight / 2;
            var mainParts = Enumerable.Range(0, _outline.Elements.Count)
                .Where(i => Boilerplate.IsMain(_outline.Elements[i].Element) && WeightOf(_outline.Elements[i]) * 5 >= Weight * 2 && Weight > 0).ToArray();
            for (var i = 1; i < _outline.Elements.Count; i++)
            {
                var element = _outline.Elements[i];
                var suspicion = Boilerplate.Of(element.Element);
                if (!applies(suspicion) || mainParts.Any(part => part >= i && part < element.EndElement) || suspicion == Suspicion.Named && WeightOf(element) > half)
                    continue;
                Array.Fill(_isDropped, true, element.FirstBlock, element.EndBlock - element.FirstBlock);
            }

            _sums = Sums();
        }

        private OutlineElement Main()
        {
            var root = _outline.Elements[0];
            var declared = _outline.Elements.Where(e => Boilerplate.IsMain(e.Element) && WeightOf(e) * 5 >= Weight * 2).ToList();
            var largest = declared.MaxBy(WeightOf);
            // Two of a kind side by side, such as the posts of a forum: neither of them is the main part, but what holds both.
            if (largest is null || declared.Any(e => !Contains(largest, e) && !Contains(e, largest) && WeightOf(e) * 2 >= WeightOf(largest)))
                return Smallest(_outline.Elements, Weight * 0.85) ?? root;
            return Smallest(declared.Where(e => Contains(largest, e)), WeightOf(largest) * 0.75) ?? largest;
        }

        private static bool Contains(OutlineElement outer, OutlineElement inner) => outer.FirstBlock <= inner.FirstBlock && inner.EndBlock <= outer.EndBlock;

        /// <summary>Elements with more than half of the weight lie inside one another, so the last in the page's order is the smallest.</summary>
        private OutlineElement? Smallest(IEnumerable<OutlineElement> elements, double weight) => elements.LastOrDefault(e => WeightOf(e) >= weight);

        private int WeightOf(OutlineElement element) => _sums[element.EndBlock] - _sums[element.FirstBlock];

        private int[] Sums()
        {
            var sums = new int[_isDropped.Length + 1];
            for (var i = 0; i < _isDropped.Length; i++)
                sums[i + 1] = sums[i] + (_isDropped[i] ? 0 : _outline.Blocks[i].Weight);
            return sums;
        }
    }
}
