using Mneme.Language;

namespace Mneme.UnitTests.Language;

public sealed class LanguageDetectorTests
{
    [Theory]
    [InlineData("Die Zelle ist die kleinste lebende Einheit aller Organismen.", "de")]
    [InlineData("The cell is the smallest living unit of all organisms.", "en")]
    [InlineData("La cellule est la plus petite unité vivante de tous les organismes.", "fr")]
    [InlineData("La célula es la unidad viva más pequeña de todos los organismos.", "es")]
    [InlineData("La cellula è la più piccola unità vivente di tutti gli organismi.", "it")]
    [InlineData("De cel is de kleinste levende eenheid van alle organismen en wordt door een membraan omgeven.", "nl")]
    [InlineData("A célula é a menor unidade viva de todos os organismos e não pode ser dividida.", "pt")]
    [InlineData("Wie geht es dir?", "de")]
    [InlineData("How are you?", "en")]
    [InlineData("Guten Morgen", "de")]
    [InlineData("Good morning", "en")]
    [InlineData("Geschwindigkeitsbegrenzung", "de")]
    [InlineData("thoughtfulness", "en")]
    public void The_language_of_a_text_is_told(string text, string expected) => LanguageDetector.Detect(text).Code.ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("12345 — !!!")]
    [InlineData("これは日本語の文章です。")]
    public void Without_evidence_the_language_is_undetermined(string text) => LanguageDetector.Detect(text).ShouldBe(DetectedLanguage.Undetermined);

    [Fact]
    public void Confidence_grows_with_the_text()
    {
        var word = LanguageDetector.Detect("Haus");
        var sentence = LanguageDetector.Detect("Das Haus steht am Rand der Stadt, und niemand weiß, wem es gehört.");
        sentence.Confidence.ShouldBeGreaterThan(word.Confidence);
        sentence.Confidence.ShouldBeInRange(0.8, 1);
        word.Confidence.ShouldBeInRange(0, 0.7);
    }
}
