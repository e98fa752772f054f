using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Mneme.JourneyTests.Support;
using Mneme.Platform.Hosting;

namespace Mneme.JourneyTests;

/// <summary>Not beside other tests: it builds, and would slow them down for minutes.</summary>
[Collection(nameof(NewServiceTests))]
[CollectionDefinition(nameof(NewServiceTests), DisableParallelization = true)]
public sealed class NewServiceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_service_from_the_template_builds_passes_its_tests_and_serves_in_one_process_and_behind_the_gateway()
    {
        using var checkout = await MeasureAsync("copy", Checkout.CopyAsync);
        await MeasureAsync("new service, with a build of the program", () => checkout.RunAsync("./mneme", "new", "service", "Invoices"));
        File.Exists(Path.Combine(checkout.Root, "deploy/kubernetes/targets/invoices.yaml")).ShouldBeTrue();
        // Formatting, style and analysers, as `./mneme lint` and the build have them.
        await MeasureAsync("format", () => checkout.RunAsync("dotnet", "format", "src/Services/Invoices/Mneme.Invoices", "--verify-no-changes", "--no-restore"));
        foreach (var project in (string[])["Mneme.UnitTests", "Mneme.MockKafka", "Mneme.IntegrationTests"])
        {
            await MeasureAsync($"build {project}", () => checkout.RunAsync(
                "dotnet", "build", $"tests/{project}", "-c", "Release", "-p:BuildProjectReferences=false", "-p:RunAnalyzers=true", "--nologo", "-v", "q", "--tl:off"));
        }

        // Beside its own tests those that hold every service to something: events' samples, settings' reference, targets, schema, ownership.
        var unit = await MeasureAsync(
            "unit tests", () => checkout.TestAsync("Mneme.UnitTests", "Mneme.UnitTests.Invoices.*", "*.EventSampleTests", "*.ConfigurationReferenceTests", "*.TargetsTests", "*.SplitPlanTests"));
        unit.ShouldBeGreaterThan(30);
        var integration = await MeasureAsync("integration tests", () => checkout.TestAsync("Mneme.IntegrationTests", "Mneme.IntegrationTests.Invoices.*", "*.OwnershipTests", "*.MigrationTests"));
        integration.ShouldBeGreaterThan(15);

        await MeasureAsync("served", () => ServeAsync(Path.Combine(checkout.Root, "src/Mneme/bin/Release/net10.0/mneme")));
    }

    /// <summary>Everything in one process, and the gateway in another before it.</summary>
    private static async Task<bool> ServeAsync(string program)
    {
        using var data = new DataFolder();
        foreach (var arguments in (string[][])[["init"], ["issue", "all"]])
            (await MnemeProcess.RunAsync(program, ["certs", .. arguments, "--data", data.Path])).Status.ShouldBe(0);
        var askPort = LoopbackPort.Free();
        await using var all = await MnemeProcess.StartAsync(data.Path, [], [("Ask__Port", $"{askPort}"), ("Http__TrustedProxies", "127.0.0.1")], program);
        using var ada = await Learner.RegisterAsync(all, "Ada");
        await CallAsync(ada.Client);

        await using var gateway = await MnemeProcess.StartAsync(data.Path, ["--target", "gateway"],
        [
            ("Ask__Addresses__identity", $"https://127.0.0.1:{askPort}"),
            ("Gateway__Destinations__identity", all.Address.ToString()),
            ("Gateway__Destinations__invoices", all.Address.ToString()),
        ], program);
        await Eventually.TrueAsync(async () => await StatusAsync(gateway, "/health/ready") == HttpStatusCode.OK, "the gateway knows the keys of tokens");
        (await StatusAsync(gateway, "/api/v1/invoices")).ShouldBe(HttpStatusCode.Unauthorized);
        using var max = await Learner.RegisterAsync(gateway, "Max");
        await CallAsync(max.Client);
        return true;
    }

    private static async Task CallAsync(HttpClient client)
    {
        await Eventually.TrueAsync(async () => (await ListAsync(client)).Count == 1, "the event that somebody registered makes an example");
        using var created = await client.PostAsJsonAsync("invoices", new { title = "Paper" });
        created.StatusCode.ShouldBe(HttpStatusCode.Created);
        var path = created.Headers.Location!.ToString();
        using (var completed = await client.PostAsync($"{path}/complete", content: null))
            completed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("completedAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        (await ListAsync(client)).Select(item => item.GetProperty("title").GetString()).ShouldBe(["Paper", "An example"]);
    }

    private static async Task<List<JsonElement>> ListAsync(HttpClient client) => [.. (await client.GetFromJsonAsync<JsonElement>("invoices")).GetProperty("items").EnumerateArray()];

    private static async Task<HttpStatusCode> StatusAsync(MnemeProcess mneme, string path)
    {
        using var client = mneme.Client();
        using var response = await client.GetAsync(path);
        return response.StatusCode;
    }

    private async Task<T> MeasureAsync<T>(string what, Func<Task<T>> run)
    {
        var start = Stopwatch.GetTimestamp();
        var result = await run();
        output.WriteLine($"{what}: {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s{(result is int count ? $", {count} passed" : "")}");
        return result;
    }
}
