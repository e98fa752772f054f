using System.Text;
using Mneme.Cli;

namespace Mneme.UnitTests.Host;

public sealed class StudyReplayTests
{
    [Fact]
    public async Task A_history_of_FSRS_gives_states_and_intervals()
    {
        var lines = await RunAsync(StudyAlgorithm.Fsrs6, """
            {"id":"a","g":[4],"d":[0]}

            {"id":7,"g":[3,3,1],"d":[0,0,2],"st":true,"rr":0.9,"w":null}
            {"id":null,"g":[],"d":[]}
            """);
        lines[0].ShouldBe("""{"id":"a","e":[[8.2956,1,8,2]]}""");
        lines[1].ShouldStartWith("""{"id":7,"e":[[2.3065,2.118""");
        lines[1].ShouldContain("],[2.3");
        lines[1].ShouldEndWith(",0,3]]}");
        lines[2].ShouldBe("""{"id":null,"e":[]}""");
    }

    [Fact]
    public async Task Weights_retention_and_short_term_scheduling_are_those_of_the_line()
    {
        var lines = await RunAsync(StudyAlgorithm.Fsrs6, """
            {"id":1,"g":[3],"d":[0],"st":false}
            {"id":2,"g":[3],"d":[0],"st":false,"rr":0.8}
            {"id":3,"g":[3],"d":[0],"st":false,"w":[1,2,30,40,5,1,1,0.01,1,0.1,1,1,0.1,0.1,1,0.5,2,0.5,0.5,0.1,0.2]}
            """);
        lines.Select(line => line[..line.LastIndexOf(',')]).Select(line => line[(line.LastIndexOf(',') + 1)..]).ShouldBe(["3", "8", "30"]);
    }

    [Fact]
    public async Task A_history_of_SM_2_gives_intervals_and_ease() =>
        (await RunAsync(StudyAlgorithm.Sm2, """{"id":"x","q":[5,5,5,5,5]}"""))[0].ShouldBe("""{"id":"x","I":[1,6,17,50,150],"ef":[2.6,2.7,2.8,2.9,3]}""");

    [Theory]
    [InlineData("nothing", "invalid")]
    [InlineData("[1]", "JSON object")]
    [InlineData("""{"g":[3],"d":[0]}""", "no \"id\"")]
    [InlineData("""{"id":1,"g":[3]}""", "no array \"d\"")]
    [InlineData("""{"id":1,"g":[5],"d":[0]}""", "\"g\"[0] is 5; it must be a whole number from 1 to 4")]
    [InlineData("""{"id":1,"g":[3,3],"d":[0,-1]}""", "\"d\"[1] is -1")]
    [InlineData("""{"id":1,"g":[3],"d":[0.5]}""", "\"d\"[0] is 0.5")]
    [InlineData("""{"id":1,"g":[3],"d":[0,1]}""", "1 ratings and \"d\" 2 days")]
    [InlineData("""{"id":1,"g":["3"],"d":[0]}""", "\"g\" must hold numbers")]
    [InlineData("""{"id":1,"g":[3],"d":[0],"w":[1,2]}""", "these are 2")]
    [InlineData("""{"id":1,"g":[3],"d":[0],"w":"default"}""", "an array of 21 numbers")]
    [InlineData("""{"id":1,"g":[3],"d":[0],"rr":1.5}""", "desired retention is 1.5")]
    [InlineData("""{"id":1,"g":[3],"d":[0],"st":1}""", "\"st\" must be true or false")]
    public async Task A_wrong_line_is_named_and_what_came_before_it_is_written(string wrong, string says)
    {
        using var output = new MemoryStream();
        var error = await Should.ThrowAsync<OperatorException>(() =>
            StudyReplay.RunAsync(StudyAlgorithm.Fsrs6, new StringReader("{\"id\":1,\"g\":[4],\"d\":[0]}\n" + wrong), output, CancellationToken.None));
        error.Message.ShouldStartWith("line 2: ");
        error.Message.ShouldContain(says);
        Encoding.UTF8.GetString(output.ToArray()).ShouldBe("{\"id\":1,\"e\":[[8.2956,1,8,2]]}\n");
    }

    private static async Task<string[]> RunAsync(StudyAlgorithm algorithm, string input)
    {
        using var output = new MemoryStream();
        await StudyReplay.RunAsync(algorithm, new StringReader(input), output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray()).TrimEnd('\n').Split('\n');
    }
}
