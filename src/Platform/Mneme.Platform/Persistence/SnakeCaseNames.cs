using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Mneme.Platform.Persistence;

/// <summary>Maps CLR names to the names in the SQL migrations: <c>NextReviewAt</c> to <c>next_review_at</c>, the DbSet's name to the table's.</summary>
internal static class SnakeCaseNames
{
    public static void UseSnakeCaseNames(this ModelBuilder model)
    {
        foreach (var entity in model.Model.GetEntityTypes())
        {
            if (entity.GetTableName() is { } table && !entity.IsOwned())
                entity.SetTableName(Convert(table));
            foreach (var property in entity.GetProperties())
                property.SetColumnName(Convert(property.GetColumnName()));
        }
    }

    public static string Convert(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && name[i - 1] != '_' && (!char.IsUpper(name[i - 1]) || i + 1 < name.Length && char.IsLower(name[i + 1])))
                result.Append('_');
            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }
}
