using Mneme.IntegrationTests.Support;

namespace Mneme.IntegrationTests.Aws;

/// <summary>AWS's SDK for JavaScript and its scripts.</summary>
public sealed class AwsSdk() : NodeScripts("Aws", "Sdk");
