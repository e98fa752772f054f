using System.Web;
using Mneme.Progress.Features;

namespace Mneme.UnitTests.Progress;

public sealed class ShareTests
{
    [Fact]
    public void The_text_is_German_for_German_profiles()
    {
        ShareText.Of(new ShareStats(1230, 5, 12, 20), "de-AT").ShouldBe("Ich habe mit 1.230 Punkten Level 5 auf Mneme erreicht und lerne seit 12 Tagen in Folge.");
        ShareText.Of(new ShareStats(0, 1, 1, 1), "de").ShouldBe("Ich habe mit 0 Punkten Level 1 auf Mneme erreicht und lerne seit 1 Tag in Folge.");
        ShareText.Of(new ShareStats(10, 1, 0, 1), "DE").ShouldBe("Ich habe mit 10 Punkten Level 1 auf Mneme erreicht.");
    }

    [Theory]
    [InlineData("en")]
    [InlineData("fr")]
    [InlineData("del")]
    [InlineData("")]
    public void The_text_is_English_for_all_others(string locale)
    {
        ShareText.Of(new ShareStats(1230, 5, 12, 20), locale).ShouldBe("I have reached level 5 with 1,230 points on Mneme, and I am on a streak of 12 days.");
        ShareText.Of(new ShareStats(1, 1, 1, 1), locale).ShouldBe("I have reached level 1 with 1 point on Mneme, and I am on a streak of 1 day.");
        ShareText.Of(new ShareStats(10, 1, 0, 1), locale).ShouldBe("I have reached level 1 with 10 points on Mneme.");
    }

    [Fact]
    public void Links_carry_text_and_address_encoded()
    {
        const string Text = "100 % & more? #1 + \"ü\" /\n\u00a0";
        var home = new Uri("https://lernen.example.org/a b/?x=1&y=2#z");

        var twitter = new Uri(ShareLinks.Twitter(Text, home));
        var linkedin = new Uri(ShareLinks.Linkedin(home));

        twitter.GetLeftPart(UriPartial.Path).ShouldBe("https://twitter.com/intent/tweet");
        var query = HttpUtility.ParseQueryString(twitter.Query);
        query.AllKeys.ShouldBe(["text", "url"]);
        query["text"].ShouldBe(Text);
        query["url"].ShouldBe(home.AbsoluteUri);
        linkedin.GetLeftPart(UriPartial.Path).ShouldBe("https://www.linkedin.com/sharing/share-offsite/");
        HttpUtility.ParseQueryString(linkedin.Query)["url"].ShouldBe(home.AbsoluteUri);
        twitter.Fragment.ShouldBeEmpty();
    }
}
