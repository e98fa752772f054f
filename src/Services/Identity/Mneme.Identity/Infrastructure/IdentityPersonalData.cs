using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Mneme.Platform;
using Mneme.Platform.Security;

namespace Mneme.Identity.Infrastructure;

internal sealed class IdentityPersonalData(IdentityDb db) : IPersonalData
{
    public async Task<JsonNode?> ExportAsync(Guid userId, CancellationToken ct)
    {
        var account = await db.Users.Where(u => u.Id == userId)
            .Select(u => new { u.Id, u.Email, u.Name, u.Role, u.TimeZone, u.Locale, PublicProfile = u.IsPublic, u.CreatedAt, u.DisabledAt })
            .SingleOrDefaultAsync(ct);
        if (account is null)
            return null;
        var sessions = await db.Sessions.Where(s => s.UserId == userId).OrderBy(s => s.Id)
            .Select(s => new { s.Id, s.StartedAt, s.LastUsedAt, s.ExpiresAt, s.Address, s.UserAgent }).ToListAsync(ct);
        var devices = await db.KnownDevices.Where(d => d.UserId == userId).OrderBy(d => d.Id).Select(d => new { d.Id, d.LastUsedAt }).ToListAsync(ct);
        var invitations = await db.Invitations.Where(i => i.CreatedBy == userId).OrderBy(i => i.Id)
            .Select(i => new { i.Id, i.NormalizedEmail, i.Role, i.CreatedAt, i.ExpiresAt, i.UsedAt }).ToListAsync(ct);
        var activities = await db.Audit.Where(a => a.SubjectId == userId || a.ActorId == userId).OrderBy(a => a.Id)
            // The address of an administrator who changed the account is not this person's to know.
            .Select(a => new { a.Time, a.Action, a.Outcome, Address = a.ActorId == null || a.ActorId == userId ? a.Address : null }).ToListAsync(ct);
        return JsonSerializer.SerializeToNode(new { account, sessions, devices, invitations, activities }, Json.Options);
    }

    public async Task EraseAsync(Guid userId, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"delete from invitations where created_by = {userId}", ct);
        // Sessions, their tokens and devices go with the account.
        await db.Database.ExecuteSqlAsync($"delete from users where id = {userId}", ct);
        // The audit trail stays, about an id that leads to nobody any more.
        await db.Database.ExecuteSqlAsync($"update audit set address = null, detail = null where subject_id = {userId} or actor_id = {userId}", ct);
    }
}
