using System.Text.Json;

namespace Mneme.Notify.Domain;

internal static class Names
{
    /// <summary>The name in the API and in the database: <c>STREAK_WARNING</c>.</summary>
    public static string ApiName<TEnum>(this TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());

    public static TEnum Parse<TEnum>(string name)
        where TEnum : struct, Enum => Enum.Parse<TEnum>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
