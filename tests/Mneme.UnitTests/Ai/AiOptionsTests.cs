using Microsoft.Extensions.Configuration;
using Mneme.Ai;
using Mneme.Platform.Configuration;

namespace Mneme.UnitTests.Ai;

public sealed class AiOptionsTests
{
    [Fact]
    public void Without_settings_it_works_offline()
    {
        Findings().ShouldBeEmpty();
        new AiOptions().ActiveProvider.ShouldBe(AiProvider.Offline);
    }

    [Fact]
    public void A_key_chooses_its_provider()
    {
        new AiOptions { AnthropicApiKey = "k" }.ActiveProvider.ShouldBe(AiProvider.Anthropic);
        new AiOptions { OpenAiApiKey = "k" }.ActiveProvider.ShouldBe(AiProvider.OpenAi);
        new AiOptions { OpenAiApiKey = "k", Provider = AiProvider.Offline }.ActiveProvider.ShouldBe(AiProvider.Offline);
        Findings(("AnthropicApiKey", "k")).ShouldBeEmpty();
        Findings(("OpenAiApiKey", "k")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Provider", "gemini", "Ai__Provider")]
    [InlineData("Provider", "anthropic", "Ai__AnthropicApiKey")]
    [InlineData("Provider", "openai", "Ai__OpenAiApiKey")]
    [InlineData("AnthropicBaseUrl", "http://models.example", "Ai__AnthropicBaseUrl")]
    [InlineData("OpenAiBaseUrl", "http://10.0.0.7/v1", "Ai__OpenAiBaseUrl")]
    [InlineData("OpenAiBaseUrl", "ftp://127.0.0.1/", "Ai__OpenAiBaseUrl")]
    [InlineData("OpenAiBaseUrl", "https://user:password@models.example/v1", "Ai__OpenAiBaseUrl")]
    [InlineData("UserTokensPerDay", "-1", "Ai__UserTokensPerDay")]
    [InlineData("CallTimeout", "00:10:00", "Ai__CallTimeout")]
    [InlineData("OverallTimeout", "00:00:01", "Ai__OverallTimeout")]
    [InlineData("Currency", "dollars", "Ai__Currency")]
    public void A_wrong_setting_is_named(string name, string value, string finding) => Findings((name, value)).ShouldContain(line => line.StartsWith(finding + ":", StringComparison.Ordinal));

    [Fact]
    public void An_endpoint_on_this_machine_needs_neither_key_nor_https() =>
        Findings(("Provider", "openai"), ("OpenAiBaseUrl", "http://localhost:11434/v1")).ShouldBeEmpty();

    [Fact]
    public void Another_model_needs_its_prices()
    {
        Findings(("AnthropicApiKey", "k"), ("AnthropicModel", "claude-haiku-5-5")).ShouldHaveSingleItem().ShouldContain("Ai__AnthropicInputPrice");
        Findings(("OpenAiApiKey", "k"), ("OpenAiModel", "llama"), ("OpenAiInputPrice", "0")).ShouldHaveSingleItem().ShouldContain("Ai__OpenAiOutputPrice");
        Findings(("OpenAiApiKey", "k"), ("OpenAiModel", "llama"), ("OpenAiInputPrice", "0"), ("OpenAiOutputPrice", "0")).ShouldBeEmpty();
    }

    [Fact]
    public void Two_keys_need_a_choice()
    {
        Findings(("AnthropicApiKey", "a"), ("OpenAiApiKey", "b")).ShouldHaveSingleItem().ShouldStartWith("Ai__Provider:");
        Findings(("AnthropicApiKey", "a"), ("OpenAiApiKey", "b"), ("Provider", "openai")).ShouldBeEmpty();
    }

    [Fact]
    public void Findings_do_not_show_keys() =>
        Findings(("AnthropicApiKey", "sk-very-secret"), ("OpenAiApiKey", "sk-very-secret"), ("AnthropicBaseUrl", "http://x.example")).ShouldAllBe(line => !line.Contains("sk-very-secret"));

    [Fact]
    public void Keys_are_marked_secret()
    {
        foreach (var property in typeof(AiOptions).GetProperties().Where(p => p.Name.EndsWith("Key", StringComparison.Ordinal)))
            property.IsDefined(typeof(SecretAttribute), inherit: false).ShouldBeTrue(property.Name);
    }

    private static IReadOnlyList<string> Findings(params (string Name, string Value)[] settings) => ConfigurationCheck.Run(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create<string, string?>("Ai:" + s.Name, s.Value))).Build(), [OptionsType.Of<AiOptions>()]);
}
