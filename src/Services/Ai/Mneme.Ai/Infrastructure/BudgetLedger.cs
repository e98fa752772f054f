using Microsoft.EntityFrameworkCore;
using Mneme.Ai.Domain;
using Mneme.Platform.Domain;

namespace Mneme.Ai.Infrastructure;

/// <summary>What a call may cost at most, taken from the budgets of a user and of the installation.</summary>
internal sealed record Reservation(Guid Id, Guid UserId, DateOnly Day, long Tokens, long Micros);

/// <summary>
/// The daily budgets. A reservation takes from the user's counter and then the installation's, each by one conditional UPDATE, so that calls side by side cannot
/// overdraw either; locks are always taken in that order. When the database cannot be reached there is no reservation, and so no call.
/// </summary>
internal sealed class BudgetLedger(AiDb db, AiOptions options, TimeProvider time)
{
    /// <summary>No call lives longer; a reservation older than this lost its process.</summary>
    public static readonly TimeSpan ReservationLife = TimeSpan.FromMinutes(5);

    private const int ReleasedAtOnce = 100;

    /// <param name="userId">Who pays.</param>
    /// <param name="tokens">Tokens that the call can use at most.</param>
    /// <param name="micros">What it can cost at most, in millionths of the currency.</param>
    /// <param name="ct">Cancels the reservation.</param>
    /// <returns>The reservation, or a problem that says whose budget is spent and when it is renewed.</returns>
    public async Task<Outcome<Reservation>> ReserveAsync(Guid userId, long tokens, long micros, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var day = Today(now);
        var reservation = new Reservation(Guid.CreateVersion7(now), userId, day, tokens, micros);
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // An erased person gets no counters again.
        await db.Database.ExecuteSqlAsync($"""
            insert into budget_days (owner_id, day) select {userId}, {day} where not exists (select from erased where id = {userId}) on conflict do nothing
            """, ct);
        if (!await TakeAsync(userId, reservation, options.UserTokensPerDay, ToMicros(options.UserMoneyPerDay), ct))
            return Exhausted("your", now);
        await db.Database.ExecuteSqlAsync($"insert into budget_days (owner_id, day) values ({BudgetDay.Installation}, {day}) on conflict do nothing", ct);
        if (!await TakeAsync(BudgetDay.Installation, reservation, options.InstallationTokensPerDay, ToMicros(options.InstallationMoneyPerDay), ct))
            return Exhausted("this installation's", now);
        await db.Database.ExecuteSqlAsync($"""
            insert into reservations (id, user_id, day, tokens, micros, expires_at)
            values ({reservation.Id}, {userId}, {day}, {tokens}, {micros}, {now + ReservationLife})
            """, ct);
        await transaction.CommitAsync(ct);
        return reservation;
    }

    /// <summary>Replaces a reservation by what was used. Counts also when the reservation has expired meanwhile: it was spent all the same.</summary>
    public async Task SettleAsync(Reservation reservation, TokenUsage usage, string provider, string model, long micros)
    {
        var tokens = usage.Total;
        await using var transaction = await db.Database.BeginTransactionAsync();
        var held = await db.Database.ExecuteSqlAsync($"delete from reservations where id = {reservation.Id}") > 0;
        var (heldTokens, heldMicros) = held ? (reservation.Tokens, reservation.Micros) : (0, 0);
        foreach (var owner in Owners(reservation))
        {
            await db.Database.ExecuteSqlAsync($"""
                update budget_days set reserved_tokens = reserved_tokens - {heldTokens}, reserved_micros = reserved_micros - {heldMicros},
                    spent_tokens = spent_tokens + {tokens}, spent_micros = spent_micros + {micros}
                where owner_id = {owner} and day = {reservation.Day}
                """);
        }

        await db.Database.ExecuteSqlAsync($"""
            insert into usage_days (user_id, day, provider, model, calls, input_tokens, output_tokens, micros)
            select {reservation.UserId}, {reservation.Day}, {provider}, {model}, 1, {usage.InputTokens}, {usage.OutputTokens}, {micros}
            where not exists (select from erased where id = {reservation.UserId})
            on conflict (user_id, day, provider, model) do update set calls = usage_days.calls + 1, input_tokens = usage_days.input_tokens + excluded.input_tokens,
                output_tokens = usage_days.output_tokens + excluded.output_tokens, micros = usage_days.micros + excluded.micros
            """);
        await transaction.CommitAsync();
    }

    /// <summary>Gives a reservation back; nothing happens if it is gone already.</summary>
    public async Task ReleaseAsync(Guid reservationId)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var released = await db.Database.SqlQuery<Reservation>($"""
            delete from reservations where id = {reservationId} returning id as "Id", user_id as "UserId", day as "Day", tokens as "Tokens", micros as "Micros"
            """).ToListAsync();
        foreach (var reservation in released)
        {
            foreach (var owner in Owners(reservation))
            {
                await db.Database.ExecuteSqlAsync($"""
                    update budget_days set reserved_tokens = reserved_tokens - {reservation.Tokens}, reserved_micros = reserved_micros - {reservation.Micros}
                    where owner_id = {owner} and day = {reservation.Day}
                    """);
            }
        }

        await transaction.CommitAsync();
    }

    /// <summary>Gives back what processes that died had reserved.</summary>
    public async Task ReleaseExpiredAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<Guid> expired;
        do
        {
            expired = await db.Database.SqlQuery<Guid>($"""select id as "Value" from reservations where expires_at < {now} order by expires_at limit {ReleasedAtOnce}""").ToListAsync(ct);
            foreach (var id in expired)
                await ReleaseAsync(id);
        }
        while (expired.Count == ReleasedAtOnce);
    }

    /// <summary>Budgets run by UTC days, because users and the installation must mean the same day.</summary>
    public static DateOnly Today(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);

    /// <summary>When the budgets of the present day end.</summary>
    public static DateTimeOffset ResetsAt(DateTimeOffset now) => new(now.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);

    public static long ToMicros(decimal money) => (long)(money * 1_000_000);

    private async Task<bool> TakeAsync(Guid owner, Reservation reservation, long tokenLimit, long microLimit, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync($"""
            update budget_days set reserved_tokens = reserved_tokens + {reservation.Tokens}, reserved_micros = reserved_micros + {reservation.Micros}
            where owner_id = {owner} and day = {reservation.Day}
                and spent_tokens + reserved_tokens + {reservation.Tokens} <= {tokenLimit} and spent_micros + reserved_micros + {reservation.Micros} <= {microLimit}
            """, ct) > 0;

    // Always in this order: see the class. The reservation of a person who was erased meanwhile is the installation's alone.
    private static Guid[] Owners(Reservation reservation) =>
        reservation.UserId == BudgetDay.Installation ? [BudgetDay.Installation] : [reservation.UserId, BudgetDay.Installation];

    private static Problem Exhausted(string whose, DateTimeOffset now) => new(
        ProblemKind.TooManyRequests, "ai-budget-exhausted",
        $"What is left of {whose} AI budget for today is not enough for this text. It is renewed at {ResetsAt(now):yyyy-MM-dd HH:mm} UTC; try again then.")
    { RetryAfter = ResetsAt(now) - now };
}
