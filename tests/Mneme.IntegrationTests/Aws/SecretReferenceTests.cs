using Microsoft.Extensions.Configuration;
using Mneme.Platform.Aws.Secrets;

namespace Mneme.IntegrationTests.Aws;

/// <summary>Settings that name secrets.</summary>
public sealed class SecretReferenceTests : IAsyncLifetime
{
    private readonly AwsStandIn _aws = new();

    public async ValueTask InitializeAsync()
    {
        await _aws.StartAsync();
        _aws.Others.Secrets["prod/db"] = """{"url": "postgres://db", "port": 5432, "nested": {"a": "hidden-value"}}""";
        _aws.Others.Secrets["prod/plain"] = "hidden-value";
        _aws.Others.Secrets["prod/binary"] = null;
    }

    public ValueTask DisposeAsync() => _aws.DisposeAsync();

    [Fact]
    public void References_are_replaced_and_each_secret_is_read_once()
    {
        var resolved = SecretReferences.Resolve(Configuration(
            ("Database:Url", "secretsmanager:prod/db#url"), ("Database:Port", "secretsmanager:prod/db#port"), ("Notify:Smtp:Password", "secretsmanager:prod/plain"), ("Http:Port", "8080")));

        resolved.ShouldBe(
            new Dictionary<string, string?>(StringComparer.Ordinal) { ["Database:Url"] = "postgres://db", ["Database:Port"] = "5432", ["Notify:Smtp:Password"] = "hidden-value" }, ignoreOrder: true);
        _aws.RequestsOf("GetSecretValue").Count.ShouldBe(2);
    }

    [Fact]
    public void Without_references_nobody_is_asked()
    {
        SecretReferences.Resolve(Configuration(("Database:Url", "postgres://db"))).ShouldBeEmpty();
        _aws.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void What_the_program_reads_has_the_secrets_in_it()
    {
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Aws:EndpointUrl"] = _aws.Address.ToString(),
            ["Aws:Region"] = AwsStandIn.Region,
            ["Database:Url"] = "secretsmanager:prod/db#url",
        };

        Settings.Load(file: null, settings)["Database:Url"].ShouldBe("postgres://db");
        settings["Database:Url"] = "secretsmanager:nowhere";
        Should.Throw<SettingsException>(() => Settings.Load(file: null, settings)).Message.ShouldStartWith("Database__Url names the secret nowhere, which cannot be read: ");
    }

    [Theory]
    [InlineData("secretsmanager:", "Database__Url names no secret")]
    [InlineData("secretsmanager:nowhere", "Database__Url names the secret nowhere, which cannot be read: secretsmanager refused GetSecretValue with ResourceNotFoundException (400)")]
    [InlineData("secretsmanager:prod/binary", "Database__Url names the secret prod/binary, which is binary")]
    [InlineData("secretsmanager:prod/db#password", "Database__Url names the key password of the secret prod/db, which has no such value. Its keys are: url, port, nested.")]
    [InlineData("secretsmanager:prod/db#nested", "Database__Url names the key nested of the secret prod/db, which has no such value.")]
    [InlineData("secretsmanager:prod/plain#url", "Database__Url names the key url of the secret prod/plain, which is not a JSON object")]
    public void A_secret_that_cannot_be_had_is_an_error_without_what_is_secret(string reference, string message)
    {
        var error = Should.Throw<SecretReferenceException>(() => SecretReferences.Resolve(Configuration(("Database:Url", reference))));

        error.Message.ShouldStartWith(message);
        error.ToString().ShouldNotContain("hidden-value");
    }

    private IConfiguration Configuration(params (string Key, string Value)[] settings) => new ConfigurationBuilder().AddInMemoryCollection(
        settings.Append(("Aws:EndpointUrl", _aws.Address.ToString())).Append(("Aws:Region", AwsStandIn.Region)).Select(setting => KeyValuePair.Create(setting.Item1, (string?)setting.Item2))).Build();
}
