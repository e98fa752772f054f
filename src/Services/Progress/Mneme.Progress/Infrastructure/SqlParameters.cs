using Npgsql;
using NpgsqlTypes;

namespace Mneme.Progress.Infrastructure;

/// <summary>Commands with positional parameters, whose arrays carry their element type.</summary>
internal static class SqlParameters
{
    public static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    public static NpgsqlParameter Ids(IEnumerable<Guid> values) => Of(values.ToArray(), NpgsqlDbType.Uuid);

    public static NpgsqlParameter Texts(IEnumerable<string?> values) => Of(values.ToArray(), NpgsqlDbType.Text);

    public static NpgsqlParameter Integers(IEnumerable<int> values) => Of(values.ToArray(), NpgsqlDbType.Integer);

    public static NpgsqlParameter Longs(IEnumerable<long> values) => Of(values.ToArray(), NpgsqlDbType.Bigint);

    public static NpgsqlParameter Booleans(IEnumerable<bool> values) => Of(values.ToArray(), NpgsqlDbType.Boolean);

    public static NpgsqlParameter Dates(IEnumerable<DateOnly?> values) => Of(values.ToArray(), NpgsqlDbType.Date);

    public static NpgsqlParameter Instants(IEnumerable<DateTimeOffset?> values) => Of(values.Select(v => v?.ToUniversalTime()).ToArray(), NpgsqlDbType.TimestampTz);

    private static NpgsqlParameter Of(Array values, NpgsqlDbType elements) => new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | elements };
}
