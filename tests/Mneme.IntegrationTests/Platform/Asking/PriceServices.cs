using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Mneme.Platform.Domain;
using Mneme.Platform.Messaging;
using Mneme.Platform.Services;

namespace Mneme.IntegrationTests.Platform.Asking;

[Ask("test.price", AnsweredBy = "prices", AskedBy = ["shop"], DeadlineSeconds = 20, IsIdempotent = true)]
public sealed record PriceOf([property: Required, StringLength(20)] string Article) : IAsk<Price>;

[Ask("test.reserve", AnsweredBy = "prices", AskedBy = ["shop"], DeadlineSeconds = 20)]
public sealed record Reserve(string Article) : IAsk<Price>;

[Ask("test.quick", AnsweredBy = "prices", AskedBy = ["shop"], DeadlineSeconds = 1, IsIdempotent = true)]
public sealed record Quick(string Article) : IAsk<Price>;

/// <summary>For tests that do to a broker what takes a while.</summary>
[Ask("test.price-patiently", AnsweredBy = "prices", AskedBy = ["shop"], DeadlineSeconds = 300, IsIdempotent = true)]
public sealed record PriceOfPatiently(string Article) : IAsk<Price>;

[Ask("test.reserve-patiently", AnsweredBy = "prices", AskedBy = ["shop"], DeadlineSeconds = 300)]
public sealed record ReservePatiently(string Article) : IAsk<Price>;

/// <summary>As an asker's build may declare it: the answering process runs another one, where only the ledger may ask.</summary>
[Ask("test.secret", AnsweredBy = "prices", AskedBy = ["shop"])]
public sealed record ShopsSecret(string Article) : IAsk<Price>;

[Ask("test.secret", AnsweredBy = "prices", AskedBy = ["ledger"])]
public sealed record LedgersSecret(string Article) : IAsk<Price>;

[Ask("test.unheard-of", AnsweredBy = "prices", AskedBy = ["shop"])]
public sealed record UnheardOf(string Article) : IAsk<Price>;

public sealed record Price(int Cents, string TraceId, string Node);

/// <summary>Asks, and stores nothing.</summary>
internal sealed class Shop(string name = "shop") : IService
{
    public string Name => name;

    public void Describe(ServiceBuilder service) => service.Asks<PriceOf>().Asks<Reserve>().Asks<Quick>().Asks<PriceOfPatiently>().Asks<ReservePatiently>().Asks<ShopsSecret>().Asks<UnheardOf>();
}

/// <summary>Answers as the test says, and counts what it was asked.</summary>
internal sealed class Prices(string node = "one") : IService
{
    private int _asked;

    public string Name => "prices";

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What an answer waits for.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public void Describe(ServiceBuilder service) => service
        .Answers<PriceOf, Price>((PriceOf request, CancellationToken ct) => AnswerAsync(request.Article, ct))
        .Answers<Reserve, Price>((Reserve request, CancellationToken ct) => AnswerAsync(request.Article, ct))
        .Answers<Quick, Price>((Quick request, CancellationToken ct) => AnswerAsync(request.Article, ct))
        .Answers<PriceOfPatiently, Price>((PriceOfPatiently request, CancellationToken ct) => AnswerAsync(request.Article, ct))
        .Answers<ReservePatiently, Price>((ReservePatiently request, CancellationToken ct) => AnswerAsync(request.Article, ct))
        .Answers<LedgersSecret, Price>((LedgersSecret request, CancellationToken ct) => AnswerAsync(request.Article, ct));

    private async Task<Outcome<Price>> AnswerAsync(string article, CancellationToken ct)
    {
        Interlocked.Increment(ref _asked);
        await Before(article, ct);
        return article switch
        {
            "unknown" => Problem.NotFound("article"),
            "bug" => throw new InvalidOperationException("a bug"),
            _ => new Price(article.Length, Activity.Current?.TraceId.ToHexString() ?? "", node),
        };
    }
}
