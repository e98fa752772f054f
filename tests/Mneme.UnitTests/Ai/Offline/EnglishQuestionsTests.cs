using Mneme.Ai.Offline;

namespace Mneme.UnitTests.Ai.Offline;

public sealed class EnglishQuestionsTests
{
    [Theory]
    [InlineData("Osmosis is the movement of water through a partially permeable membrane.", "What is osmosis?", "the movement of water through a partially permeable membrane")]
    [InlineData("Mitochondria are organelles that release the energy stored in food.", "What are mitochondria?", "organelles that release the energy stored in food")]
    [InlineData("Marie Curie was a physicist who discovered two elements.", "Who was Marie Curie?", "a physicist who discovered two elements")]
    [InlineData("The capital of Australia is Canberra, which lies inland.", "What is the capital of Australia?", "Canberra")]
    [InlineData("In biology, mitosis is the division of a nucleus into two identical nuclei.", "In biology, what is mitosis?", "the division of a nucleus into two identical nuclei")]
    [InlineData("The study of fungi is called mycology.", "What is the study of fungi called?", "mycology")]
    [InlineData("Magma is called lava once it has left the volcano.", "What is magma called once it has left the volcano?", "lava")]
    [InlineData("Sodium chloride is commonly known as table salt.", "What is sodium chloride known as?", "table salt")]
    [InlineData("Malaria is caused by single-celled parasites.", "What causes malaria?", "single-celled parasites")]
    [InlineData("Bronze is made of copper and tin.", "What is bronze made of?", "copper and tin")]
    [InlineData("Photosynthesis refers to the conversion of light into chemical energy.", "What does photosynthesis refer to?", "the conversion of light into chemical energy")]
    [InlineData("Seismographs measure the movements of the ground.", "What do seismographs measure?", "the movements of the ground")]
    [InlineData("In 1687, Isaac Newton published the Principia in London.", "In which year did Isaac Newton publish the Principia in London?", "1687")]
    [InlineData("The Peace of Westphalia was signed in 1648 in Münster.", "In which year was the Peace of Westphalia signed in Münster?", "1648")]
    [InlineData("The phonograph was invented by Thomas Edison in his laboratory.", "Who invented the phonograph?", "Thomas Edison")]
    [InlineData("Mary Shelley wrote Frankenstein when she was eighteen.", "Who wrote Frankenstein?", "Mary Shelley")]
    [InlineData("The human skeleton has 206 bones.", "How many bones does the human skeleton have?", "206")]
    [InlineData("The pancreas is located behind the stomach.", "Where is the pancreas located?", "behind the stomach")]
    [InlineData("The curl of metal that forms along the edge is called a burr.", "What is the curl of metal that forms along the edge called?", "a burr")]
    [InlineData("The liver converts glycogen into glucose.", "What does the liver convert glycogen into?", "glucose")]
    [InlineData("The Althing, founded in 930 at Thingvellir, is one of the oldest parliaments in Europe.", "What is the Althing?", "one of the oldest parliaments in Europe")]
    [InlineData("Copyright protects original works of authorship.", "What does copyright protect?", "original works of authorship")]
    [InlineData("A cookie is a small file that a website stores on a computer.", "What is a cookie?", "a small file that a website stores on a computer")]
    public void A_statement_becomes_the_question_it_answers(string sentence, string front, string back)
    {
        var card = OfflineCardWriter.Write(sentence, "en").Cards.ShouldHaveSingleItem();
        card.Front.ShouldBe(front);
        card.Back.ShouldBe(back);
        card.Source.ShouldBe(sentence);
    }

    [Theory]
    [InlineData("It is the largest organ of the human body.")]
    [InlineData("This is the process by which plants make sugar.")]
    [InlineData("They are organisms whose cells have no nucleus.")]
    [InlineData("However, these are organisms without a nucleus.")]
    [InlineData("The main reason is the high price of copper.")]
    [InlineData("The company was founded in 1998 by two engineers.")]
    public void A_statement_about_something_named_elsewhere_is_not_asked_about(string sentence) =>
        OfflineCardWriter.Write(sentence, "en").Cards.ShouldAllBe(card => card.Front.Contains(OfflineCardWriter.Blank, StringComparison.Ordinal));

    [Theory]
    [InlineData("Larvae that are fed royal jelly throughout their development become queens.", "Larvae")]
    [InlineData("Monks of the Carthusian order speak only on their weekly walk.", "Carthusian order")]
    [InlineData("Hold the blade of the chisel at an angle of 15 to 20 degrees.", "15 to 20")]
    [InlineData("Squid have cells called chromatophores in their skin.", "chromatophores")]
    public void A_blank_stands_for_a_whole_term_or_amount(string sentence, string back) =>
        OfflineCardWriter.Write(sentence, "en").Cards.ShouldHaveSingleItem().Back.ShouldBe(back);

    [Theory]
    [InlineData("What is osmosis, and why does it matter to plants?")]
    [InlineData("Accept all cookies to continue reading this article about osmosis.")]
    [InlineData("Read more at https://example.org/osmosis about osmosis in plant cells.")]
    [InlineData("As Figure 3 shows, osmosis moves water through a membrane.")]
    [InlineData("osmosis, diffusion, active transport")]
    [InlineData("“Osmosis is the movement of water,” she said, “through a membrane.”")]
    public void Questions_boilerplate_and_fragments_give_no_cards(string text) => OfflineCardWriter.Write(text, "en").Cards.ShouldBeEmpty();
}
