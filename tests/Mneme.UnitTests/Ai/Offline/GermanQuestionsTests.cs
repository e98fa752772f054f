using Mneme.Ai.Offline;

namespace Mneme.UnitTests.Ai.Offline;

public sealed class GermanQuestionsTests
{
    [Theory]
    [InlineData("Die Photosynthese ist ein Vorgang, bei dem Pflanzen aus Licht Zucker gewinnen.", "Was ist die Photosynthese?", "ein Vorgang, bei dem Pflanzen aus Licht Zucker gewinnen")]
    [InlineData("Die Donau ist der zweitlängste Fluss Europas und entspringt im Schwarzwald.", "Was ist die Donau?", "der zweitlängste Fluss Europas")]
    [InlineData("Enzyme sind Proteine, die chemische Reaktionen beschleunigen.", "Was sind Enzyme?", "Proteine, die chemische Reaktionen beschleunigen")]
    [InlineData("Künstliche Intelligenz ist ein Teilgebiet der Informatik.", "Was ist künstliche Intelligenz?", "ein Teilgebiet der Informatik")]
    [InlineData("Emmy Noether war eine deutsche Mathematikerin, die in Göttingen lehrte.", "Wer war Emmy Noether?", "eine deutsche Mathematikerin, die in Göttingen lehrte")]
    [InlineData("Als Dividende bezeichnet man den ausgeschütteten Teil des Gewinns.", "Was bezeichnet man als Dividende?", "den ausgeschütteten Teil des Gewinns")]
    [InlineData("Unter Verzug versteht man die schuldhafte Verspätung einer Leistung.", "Was versteht man unter Verzug?", "die schuldhafte Verspätung einer Leistung")]
    [InlineData("Den Übergang vom festen in den gasförmigen Zustand nennt man Sublimation.", "Wie nennt man den Übergang vom festen in den gasförmigen Zustand?", "Sublimation")]
    [InlineData("Die Erschlaffung des Herzmuskels wird als Diastole bezeichnet.", "Wie wird die Erschlaffung des Herzmuskels bezeichnet?", "Diastole")]
    [InlineData("Der erste Abschnitt der Zellatmung heißt Glykolyse.", "Wie heißt der erste Abschnitt der Zellatmung?", "Glykolyse")]
    [InlineData("Kochsalz besteht aus Natrium und Chlor.", "Woraus besteht Kochsalz?", "aus Natrium und Chlor")]
    [InlineData("Ein Milchgebiss besteht aus 20 Zähnen.", "Aus wie vielen Zähnen besteht ein Milchgebiss?", "20")]
    [InlineData("Das Grundgesetz wurde am 23. Mai 1949 in Bonn verkündet.", "Wann wurde das Grundgesetz in Bonn verkündet?", "23. Mai 1949")]
    [InlineData("1492 erreichte Christoph Kolumbus mit drei Schiffen die Bahamas.", "In welchem Jahr erreichte Christoph Kolumbus mit drei Schiffen die Bahamas?", "1492")]
    [InlineData("Im Jahr 1876 gründete Alfred Krupp in Essen eine Siedlung.", "In welchem Jahr gründete Alfred Krupp in Essen eine Siedlung?", "1876")]
    [InlineData("Das Matterhorn wurde von Edward Whymper erstmals bestiegen.", "Von wem wurde das Matterhorn erstmals bestiegen?", "Edward Whymper")]
    [InlineData("Die Gezeiten werden durch die Anziehungskraft des Mondes verursacht.", "Wodurch werden die Gezeiten verursacht?", "die Anziehungskraft des Mondes")]
    [InlineData("Ein Tetraeder hat vier Ecken.", "Wie viele Ecken hat ein Tetraeder?", "vier")]
    public void A_statement_becomes_the_question_it_answers(string sentence, string front, string back)
    {
        var card = OfflineCardWriter.Write(sentence, "de").Cards.ShouldHaveSingleItem();
        card.Front.ShouldBe(front);
        card.Back.ShouldBe(back);
        card.Source.ShouldBe(sentence);
    }

    [Theory]
    [InlineData("Sie ist das größte Organ des menschlichen Körpers.")]
    [InlineData("Dies ist der Vorgang, bei dem Zucker entsteht.")]
    [InlineData("Diese Zellen sind die kleinsten Einheiten des Lebens.")]
    [InlineData("Dabei ist Sauerstoff ein wichtiger Ausgangsstoff.")]
    [InlineData("Der Hauptgrund dafür ist der hohe Preis des Kupfers.")]
    [InlineData("Das Unternehmen wurde 1998 in Berlin gegründet.")]
    public void A_statement_about_something_named_elsewhere_is_not_asked_about(string sentence) =>
        OfflineCardWriter.Write(sentence, "de").Cards.ShouldAllBe(card => card.Front.Contains(OfflineCardWriter.Blank, StringComparison.Ordinal));

    [Theory]
    [InlineData("Erwachsene brauchen im Durchschnitt sieben bis acht Stunden Schlaf.", "sieben bis acht")]
    [InlineData("Die Deutsche Bahn sperrt die Strecke zwischen Hamburg und Berlin.", "Deutsche Bahn")]
    [InlineData("Der Leuchtturm Roter Sand steht in der Außenweser.", "Leuchtturm Roter Sand")]
    [InlineData("Das Bakterium Clostridium botulinum verursacht den Botulismus.", "Bakterium Clostridium botulinum")]
    [InlineData("Unbehandelt kann Bluthochdruck zu einem Herzinfarkt führen.", "Bluthochdruck")]
    [InlineData("Steigen die Löhne als Folge höherer Preise, spricht man von einer Lohn-Preis-Spirale.", "Lohn-Preis-Spirale")]
    public void A_blank_stands_for_a_whole_term_or_amount(string sentence, string back) =>
        OfflineCardWriter.Write(sentence, "de").Cards.ShouldHaveSingleItem().Back.ShouldBe(back);

    [Theory]
    [InlineData("Was ist eigentlich Osmose, und warum ist sie wichtig?")]
    [InlineData("Wir verwenden Cookies, um dir mehr über Osmose zu zeigen.")]
    [InlineData("Wie Abbildung 3 zeigt, wandert Wasser durch die Membran.")]
    [InlineData("Osmose, Diffusion, aktiver Transport")]
    public void Questions_boilerplate_and_fragments_give_no_cards(string text) => OfflineCardWriter.Write(text, "de").Cards.ShouldBeEmpty();
}
