using Mneme.Language;

namespace Mneme.UnitTests.Language;

public sealed class LexiconTests
{
    [Theory]
    [InlineData("en", "the")]
    [InlineData("en", "However")]
    [InlineData("en", "don't")]
    [InlineData("de", "der")]
    [InlineData("de", "Während")]
    [InlineData("de", "dadurch")]
    public void Grammar_words_are_stop_words(string language, string word) => Lexicon.For(language)!.IsStopWord(word).ShouldBeTrue();

    [Theory]
    [InlineData("en", "osmosis")]
    [InlineData("en", "process")]
    [InlineData("de", "Osmose")]
    [InlineData("de", "Vorgang")]
    public void Words_with_meaning_are_no_stop_words(string language, string word) => Lexicon.For(language)!.IsStopWord(word).ShouldBeFalse();

    [Theory]
    [InlineData("en", "cities", WordClasses.Noun)]
    [InlineData("en", "larger", WordClasses.Adjective)]
    [InlineData("en", "studied", WordClasses.Verb)]
    [InlineData("en", "wrote", WordClasses.Verb)]
    [InlineData("de", "Wörtern", WordClasses.Noun)]
    [InlineData("de", "kleinsten", WordClasses.Adjective)]
    [InlineData("de", "schrieb", WordClasses.Verb)]
    [InlineData("de", "bezeichnet", WordClasses.Verb)]
    [InlineData("de", "Physiker", WordClasses.Person)]
    public void Inflected_forms_are_recognised(string language, string word, WordClasses expected) => Lexicon.For(language)!.ClassesOf(word).HasFlag(expected).ShouldBeTrue();

    [Theory]
    [InlineData("en", "mitochondrion")]
    [InlineData("de", "Mitochondrium")]
    public void Terms_are_outside_the_general_vocabulary(string language, string word) => Lexicon.For(language)!.IsCommon(word).ShouldBeFalse();

    [Theory]
    [InlineData("en", "wrote", "write", VerbForms.Past)]
    [InlineData("en", "studies", "study", VerbForms.ThirdSingular)]
    [InlineData("en", "stopped", "stop", VerbForms.Past)]
    [InlineData("en", "occurred", "occur", VerbForms.Past)]
    [InlineData("de", "erfand", "erfinden", VerbForms.Past)]
    [InlineData("de", "zeichnet", "zeichnen", VerbForms.ThirdSingular)]
    [InlineData("de", "arbeitete", "arbeiten", VerbForms.Past)]
    [InlineData("de", "gegründet", "gründen", VerbForms.Participle)]
    public void Verb_forms_lead_to_their_verb(string language, string form, string verb, VerbForms kind)
    {
        var reading = Lexicon.For(language)!.VerbReadingOf(form).ShouldNotBeNull();
        reading.Verb.ShouldBe(verb);
        reading.Forms.HasFlag(kind).ShouldBeTrue();
    }

    [Fact]
    public void There_is_no_lexicon_for_other_languages() => Lexicon.For("fr").ShouldBeNull();

    [Theory]
    [InlineData("en", "cells", "cell")]
    [InlineData("en", "batteries", "battery")]
    [InlineData("en", "cell's", "cell")]
    [InlineData("en", "planned", "plans")]
    [InlineData("de", "Häuser", "Haus")]
    [InlineData("de", "Zellen", "Zelle")]
    [InlineData("de", "Muskels", "Muskel")]
    [InlineData("de", "größten", "größte")]
    public void Forms_of_one_word_share_a_stem(string language, string form, string other) => Stemmer.Stem(form, language).ShouldBe(Stemmer.Stem(other, language));

    [Theory]
    [InlineData("en", "cell", "cellar")]
    [InlineData("en", "virus", "viral")]
    [InlineData("de", "Zelle", "Zelt")]
    [InlineData("de", "Bus", "Busse")]
    public void Different_words_keep_different_stems(string language, string one, string other) => Stemmer.Stem(one, language).ShouldNotBe(Stemmer.Stem(other, language));
}
