namespace Mneme.Channels.Infrastructure;

/// <summary>
/// How channels lie in Redis, below the installation's prefix: <c>channels.channel.ID</c> is a hash of what lists and addresses know, <c>channels.events.ID</c> the list of what
/// happened, in order, <c>channels.snapshot.ID</c> a state with its version, <c>channels.of.USER</c> the ids of a person's channels, sorted, and <c>channels.key.KEY</c> the id of
/// the channel with that address. A script runs alone on the server, so what it compares is still true when it writes.
/// </summary>
internal static class RedisChannelScripts
{
    private const string Keys = """
        local function key(kind, name) return KEYS[1] .. '.channels.' .. kind .. '.' .. name end

        """;

    // ARGV: id, user.
    public const string Find = Keys + """
        local id = ARGV[1]
        if redis.call('HGET', key('channel', id), 'user') ~= ARGV[2] then return {} end

        """ + Load;

    // ARGV: key.
    public const string FindByKey = Keys + """
        local id = redis.call('GET', key('key', ARGV[1]))
        if not id then return {} end

        """ + Load;

    // ARGV: id, user, version that was loaded (0 for a new channel), key, version now, type, name, whether it is paused, when it was registered, snapshot or nothing, events.
    public const string Save = Keys + """
        local channel = key('channel', ARGV[1])
        if (redis.call('HGET', channel, 'version') or '0') ~= ARGV[3] then return {} end
        redis.call('HSET', channel, 'user', ARGV[2], 'key', ARGV[4], 'version', ARGV[5], 'type', ARGV[6], 'name', ARGV[7], 'paused', ARGV[8], 'registered', ARGV[9])
        for i = 11, #ARGV do redis.call('RPUSH', key('events', ARGV[1]), ARGV[i]) end
        if ARGV[10] ~= '' then redis.call('HSET', key('snapshot', ARGV[1]), 'version', ARGV[5], 'state', ARGV[10]) end
        redis.call('ZADD', key('of', ARGV[2]), 0, ARGV[1])
        redis.call('SET', key('key', ARGV[4]), ARGV[1])
        return { 'saved' }
        """;

    // ARGV: id, user, version that was loaded, key.
    public const string Delete = Keys + """
        if redis.call('HGET', key('channel', ARGV[1]), 'version') ~= ARGV[3] then return {} end
        redis.call('DEL', key('channel', ARGV[1]), key('events', ARGV[1]), key('snapshot', ARGV[1]), key('key', ARGV[4]))
        redis.call('ZREM', key('of', ARGV[2]), ARGV[1])
        return { 'saved' }
        """;

    // ARGV: user, upper limit of ids, how many, type or nothing, whether they are paused or nothing. Answers with seven texts for each.
    public const string List = Keys + """
        local found = {}
        for _, id in ipairs(redis.call('ZREVRANGEBYLEX', key('of', ARGV[1]), ARGV[2], '-')) do
            if #found / 7 >= tonumber(ARGV[3]) then break end
            local c = redis.call('HMGET', key('channel', id), 'type', 'name', 'key', 'paused', 'registered', 'version')
            if (ARGV[4] == '' or c[1] == ARGV[4]) and (ARGV[5] == '' or c[4] == ARGV[5]) then
                found[#found + 1] = id
                for _, field in ipairs(c) do found[#found + 1] = field end
            end
        end
        return found
        """;

    // ARGV: user. Answers with the type of each channel.
    public const string Types = Keys + """
        local types = {}
        for _, id in ipairs(redis.call('ZRANGE', key('of', ARGV[1]), 0, -1)) do types[#types + 1] = redis.call('HGET', key('channel', id), 'type') end
        return types
        """;

    // ARGV: id, user, positions of the first and the last event. Answers with the id and the events.
    public const string History = Keys + """
        if redis.call('HGET', key('channel', ARGV[1]), 'user') ~= ARGV[2] then return {} end
        local found = redis.call('LRANGE', key('events', ARGV[1]), ARGV[3], ARGV[4])
        table.insert(found, 1, ARGV[1])
        return found
        """;

    // ARGV: user.
    public const string Erase = Keys + """
        for _, id in ipairs(redis.call('ZRANGE', key('of', ARGV[1]), 0, -1)) do
            redis.call('DEL', key('key', redis.call('HGET', key('channel', id), 'key')), key('channel', id), key('events', id), key('snapshot', id))
        end
        redis.call('DEL', key('of', ARGV[1]))
        return {}
        """;

    private const string Load = """
        local snapshot = redis.call('HMGET', key('snapshot', id), 'version', 'state')
        local found = redis.call('LRANGE', key('events', id), snapshot[1] or 0, -1)
        table.insert(found, 1, snapshot[2] or '')
        table.insert(found, 1, snapshot[1] or '0')
        table.insert(found, 1, id)
        return found
        """;
}
