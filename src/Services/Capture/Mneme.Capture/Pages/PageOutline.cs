using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Mneme.Capture.Pages;

internal enum BlockKind
{
    Paragraph,
    Heading,
    ListItem,
    Preformatted,
}

/// <summary>A run of text without a block's boundary in it.</summary>
/// <param name="Text">With single spaces; preformatted text as it stands.</param>
/// <param name="LinkShare">How much of it is inside links, 0 to 1.</param>
/// <param name="Kind">What it stands in.</param>
/// <param name="Level">1 to 6 for headings, else 0.</param>
internal sealed record TextBlock(string Text, double LinkShare, BlockKind Kind, int Level)
{
    /// <summary>How much running text this is: characters, of which those of scripts without spaces count more; 0 for what is rather a label or a link.</summary>
    public int Weight { get; } = Kind != BlockKind.Heading && LinkShare < 0.4 && Prose.LengthOf(Text) is >= 40 and var length ? length : 0;
}

/// <summary>An element that is rendered as a block, and which blocks of text are inside it.</summary>
internal sealed record OutlineElement(IElement Element, int Parent, int FirstBlock)
{
    /// <summary>Index after the last block inside.</summary>
    public int EndBlock { get; set; }

    /// <summary>Index after the last element inside.</summary>
    public int EndElement { get; set; }
}

/// <summary>
/// A page as a flat list of text blocks and of the elements that hold them, both in the page's order, so that what is inside an element is a range. Made by
/// walking the tree without recursion.
/// </summary>
internal sealed class PageOutline
{
    private readonly List<TextBlock> _blocks = [];
    private readonly List<OutlineElement> _elements = [];
    private readonly StringBuilder _text = new();
    private int _linkLength;
    private bool _afterSpace;

    private PageOutline()
    {
    }

    public IReadOnlyList<TextBlock> Blocks => _blocks;

    public IReadOnlyList<OutlineElement> Elements => _elements;

    public static PageOutline Of(IHtmlDocument document)
    {
        var outline = new PageOutline();
        if (document.Body is { } body)
            outline.Walk(body);
        return outline;
    }

    private void Walk(IElement root)
    {
        var open = new Stack<Frame>();
        open.Push(Enter(root, new Frame(root, -1), parent: null));
        while (open.TryPeek(out var frame))
        {
            if (frame.NextChild == frame.Node.ChildNodes.Length)
            {
                open.Pop();
                Leave(frame);
                continue;
            }

            switch (frame.Node.ChildNodes[frame.NextChild++])
            {
                case IText text:
                    Append(text.Data, frame);
                    break;
                case IElement { LocalName: "br" }:
                    Break(frame);
                    break;
                case IElement element when !ElementKinds.IsSkipped(element):
                    var kind = ElementKinds.BlockKindOf(element);
                    open.Push(Enter(element, new Frame(element, frame.Outline)
                    {
                        IsInLink = frame.IsInLink || element.LocalName == "a",
                        Kind = kind ?? frame.Kind,
                        Level = kind is null ? frame.Level : ElementKinds.HeadingLevelOf(element),
                    }, frame));
                    break;
            }
        }
    }

    private Frame Enter(IElement element, Frame frame, Frame? parent)
    {
        if (!ElementKinds.IsBlock(element))
            return frame;
        // What stood before the element is its parent's.
        if (parent is not null)
            Flush(parent);
        _elements.Add(new OutlineElement(element, frame.Outline, _blocks.Count));
        return frame with { Outline = _elements.Count - 1, IsBlock = true };
    }

    private void Leave(Frame frame)
    {
        if (!frame.IsBlock)
            return;
        Flush(frame);
        _elements[frame.Outline].EndBlock = _blocks.Count;
        _elements[frame.Outline].EndElement = _elements.Count;
    }

    private void Append(string data, Frame frame)
    {
        var before = _text.Length;
        foreach (var c in data)
        {
            if (frame.Kind == BlockKind.Preformatted)
            {
                _text.Append(c);
            }
            else if (!char.IsWhiteSpace(c))
            {
                if (c is '\u00ad' or '\u200b' or '\u200c' or '\u2060')
                    continue;
                _text.Append(c);
                _afterSpace = false;
            }
            else if (!_afterSpace && _text.Length > 0)
            {
                _text.Append(' ');
                _afterSpace = true;
            }
        }

        if (frame.IsInLink)
            _linkLength += _text.Length - before;
    }

    private void Break(Frame frame)
    {
        if (frame.Kind != BlockKind.Preformatted)
        {
            while (_text.Length > 0 && _text[^1] == ' ')
                _text.Length--;
            _afterSpace = true;
            // Two in a row separate paragraphs, in pages whose authors knew no better.
            if (_text.Length > 0 && _text[^1] == '\n')
                Flush(frame);
        }

        if (_text.Length > 0)
            _text.Append('\n');
    }

    private void Flush(Frame frame)
    {
        var length = _text.Length;
        if (Prose.Clean(_text.ToString(), frame.Kind == BlockKind.Preformatted) is { Length: > 0 } text)
            _blocks.Add(new TextBlock(text, Math.Min(1, (double)_linkLength / length), frame.Kind, frame.Level));
        _text.Clear();
        _linkLength = 0;
        _afterSpace = false;
    }

    /// <summary>An element that the walk is in.</summary>
    private sealed record Frame(IElement Node, int Outline)
    {
        public int NextChild { get; set; }

        public bool IsBlock { get; init; }

        public bool IsInLink { get; init; }

        public BlockKind Kind { get; init; }

        public int Level { get; init; }
    }
}
