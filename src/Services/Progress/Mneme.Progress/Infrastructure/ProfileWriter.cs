using Microsoft.EntityFrameworkCore;
using Npgsql;
using static Mneme.Progress.Infrastructure.SqlParameters;

namespace Mneme.Progress.Infrastructure;

/// <summary>What Identity says of a person, with the version that it is from.</summary>
internal readonly record struct UserDetails(Guid UserId, string Name, string Locale, string TimeZone, bool IsPublic, long Version);

internal static class ProfileWriter
{
    private const string SetDetails = """
        update profiles p
        set name = u.name, locale = u.locale, time_zone = u.time_zone, is_public = u.is_public, user_version = u.version, version = p.version + 1
        from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::bigint[]) as u (id, name, locale, time_zone, is_public, version)
        where p.id = u.id and p.user_version < u.version
        """;

    /// <summary>Makes or changes profiles; details that are older than what is known are ignored. Runs in the caller's transaction.</summary>
    public static async Task ApplyAsync(ProgressDb db, IEnumerable<UserDetails> details, CancellationToken ct)
    {
        var users = details.GroupBy(d => d.UserId, (_, versions) => versions.MaxBy(d => d.Version)).ToList();
        await using var batch = new NpgsqlBatch((NpgsqlConnection)db.Database.GetDbConnection())
        {
            BatchCommands =
            {
                Command(ProgressSql.TakeTurn),
                Command(ProgressSql.CreateMissingProfiles, Ids(users.Select(u => u.UserId)), Texts(users.Select(u => u.TimeZone))),
                Command(
                    SetDetails, Ids(users.Select(u => u.UserId)), Texts(users.Select(u => u.Name)), Texts(users.Select(u => u.Locale)),
                    Texts(users.Select(u => u.TimeZone)), Booleans(users.Select(u => u.IsPublic)), Longs(users.Select(u => u.Version))),
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
    }
}
