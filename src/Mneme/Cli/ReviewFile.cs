using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using Mneme.Scheduling.Fsrs;
using Mneme.Scheduling.Fsrs.Fitting;

namespace Mneme.Cli;

/// <summary>
/// Reads reviews from CSV, plain or gzipped: <c>card_id, review_time_ms, rating, delta_t_days, duration_ms</c>. A first line that names the columns gives their order; others
/// are passed over. A card's id is any text. Works on bytes, as logs have hundreds of thousands of lines.
/// </summary>
internal sealed class ReviewFile
{
    private const int LongestLine = 1 << 16;
    private const byte Comma = (byte)',';

    private static readonly string[] Columns = ["card_id", "review_time_ms", "rating", "delta_t_days"];

    private readonly Dictionary<string, int> _cards = new(StringComparer.Ordinal);

    /// <summary>How many cards have been seen in the files that were read.</summary>
    public int Cards => _cards.Count;

    /// <exception cref="OperatorException">The file cannot be read, or a line is wrong.</exception>
    public List<LoggedReview> Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Read(stream, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new OperatorException($"{path} cannot be read: {e.Message}");
        }
    }

    internal List<LoggedReview> Read(Stream stream, string name)
    {
        var (reviews, order, number) = (new List<LoggedReview>(), (int[])[0, 1, 2, 3], 0);
        var (buffer, filled, isEnd) = (new byte[LongestLine], 0, false);
        while (!isEnd)
        {
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            isEnd = read == 0;
            filled += read;
            var rest = buffer.AsSpan(0, filled);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0 || (isEnd && rest.Length > 0); rest = rest[Math.Min(end + 1, rest.Length)..])
            {
                end = end < 0 ? rest.Length : end;
                number++;
                try
                {
                    ReadLine(rest[..end], number, ref order, reviews);
                }
                catch (FormatException e)
                {
                    throw new OperatorException($"{name} line {number}: {e.Message}");
                }
            }

            if (rest.Length == buffer.Length)
                throw new OperatorException($"{name} line {number + 1}: it is longer than {LongestLine} bytes.");
            rest.CopyTo(buffer);
            filled = rest.Length;
        }

        return reviews;
    }

    private void ReadLine(ReadOnlySpan<byte> line, int number, ref int[] order, List<LoggedReview> reviews)
    {
        if (number == 1 && line.StartsWith("\uFEFF"u8))
            line = line[3..];
        line = line.Trim(" \t\r"u8);
        if (line.IsEmpty)
            return;
        if (number == 1 && line.IndexOf("card_id"u8) >= 0)
        {
            order = OrderOf(line);
            return;
        }

        Span<Range> fields = stackalloc Range[16];
        var count = 0;
        foreach (var field in line.Split(Comma))
        {
            if (count < fields.Length)
                fields[count++] = field;
        }

        if (count <= order.Max())
            throw new FormatException($"it has {count} columns; there must be card_id, review_time_ms, rating, delta_t_days and duration_ms, with commas between them.");
        var id = line[fields[order[0]]].Trim((byte)' ');
        if (id.IsEmpty)
            throw new FormatException("the card_id is empty.");
        var time = Whole(line[fields[order[1]]], Columns[1], long.MinValue, long.MaxValue);
        var rating = Whole(line[fields[order[2]]], Columns[2], (int)Rating.Again, (int)Rating.Easy);
        // −1 is what some logs have for "no review before".
        var days = Whole(line[fields[order[3]]], Columns[3], -1, int.MaxValue);
        reviews.Add(new LoggedReview(CardOf(id), time, (Rating)rating, (int)Math.Max(days, 0)));
    }

    private int CardOf(ReadOnlySpan<byte> id)
    {
        Span<char> text = id.Length <= 256 ? stackalloc char[256] : new char[id.Length];
        text = text[..Encoding.UTF8.GetChars(id, text)];
        var cards = _cards.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!cards.TryGetValue(text, out var card))
            cards[text] = card = _cards.Count;
        return card;
    }

    private static int[] OrderOf(ReadOnlySpan<byte> header)
    {
        var names = Encoding.UTF8.GetString(header).Split(',', StringSplitOptions.TrimEntries);
        var order = Columns.Select(column => Array.IndexOf(names, column)).ToArray();
        return Array.IndexOf(order, -1) is var missing && missing < 0
            ? order
            : throw new FormatException($"the first line names columns, but not {Columns[missing]}.");
    }

    private static long Whole(ReadOnlySpan<byte> field, string column, long least, long most)
    {
        field = field.Trim((byte)' ');
        if (!Utf8Parser.TryParse(field, out long value, out var used) || used != field.Length)
        {
            // Some tools write whole numbers as 3.0.
            if (!Utf8Parser.TryParse(field, out double real, out used) || used != field.Length || real != Math.Floor(real) || Math.Abs(real) >= 1L << 53)
                throw new FormatException($"the {column} is '{Encoding.UTF8.GetString(field)}'; it must be a whole number.");
            value = (long)real;
        }

        return value >= least && value <= most ? value : throw new FormatException($"the {column} is {value}; it must be {least} to {most}.");
    }
}
