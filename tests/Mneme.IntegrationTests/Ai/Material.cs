using System.Text.Json.Nodes;

namespace Mneme.IntegrationTests.Ai;

/// <summary>A text and answers about it.</summary>
public static class Material
{
    public const string Text = """
        The mitochondrion is an organelle that produces most of the chemical energy of a cell. It is surrounded by two membranes, of which
        the inner one is folded into cristae. Mitochondria have their own DNA, which most animals inherit from the mother alone. Lynn Margulis argued in 1967 that they descend from bacteria.
        """;

    public static string GoodAnswer { get; } = Answer(
        ("What does a mitochondrion produce?", "Most of the chemical energy of a cell", "The mitochondrion is an organelle that produces most of the chemical energy of a cell."),
        ("Into what is the inner membrane of a mitochondrion folded?", "Cristae", "It is surrounded by two membranes, of which the inner one is folded into cristae."),
        ("From whom do most animals inherit mitochondrial DNA?", "From the mother alone", "Mitochondria have their own DNA, which most animals inherit from the mother alone."));

    public static string InventedSources { get; } = Answer(
        ("What is a ribosome?", "A protein factory", "A ribosome is a factory of proteins."),
        ("What is a nucleus?", "The store of DNA", "The nucleus stores the DNA of a cell."),
        ("What is a vacuole?", "A bubble", "A vacuole is a bubble in a cell."));

    public static string Answer(params (string Front, string Back, string Source)[] cards) => new JsonObject
    {
        ["title"] = "Mitochondria",
        ["language"] = "en",
        ["cards"] = new JsonArray([.. cards.Select(card => new JsonObject { ["front"] = card.Front, ["back"] = card.Back, ["source"] = card.Source })]),
    }.ToJsonString();
}
