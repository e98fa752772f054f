namespace Mneme.Platform.Redis.Streams;

/// <summary>What has to happen in one step on the server. Each takes a stream as its key, and a group as its first argument unless it says otherwise.</summary>
internal static class StreamScripts
{
    /// <summary>
    /// Takes over entries that were delivered and not acknowledged, with the number of earlier deliveries, which neither XCLAIM nor XAUTOCLAIM tells. ARGV: group, consumer,
    /// idle time in ms, how many, owner (empty: anybody). Returns id, deliveries and fields of each.
    /// </summary>
    public const string Claim = """
        local pending
        if ARGV[5] == '' then
            pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4])
        else
            pending = redis.call('XPENDING', KEYS[1], ARGV[1], 'IDLE', ARGV[3], '-', '+', ARGV[4], ARGV[5])
        end
        local claimed = {}
        for _, entry in ipairs(pending) do
            local taken = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1])
            if taken[1] then
                claimed[#claimed + 1] = { entry[1], entry[4], taken[1][2] }
            else
                redis.call('XACK', KEYS[1], ARGV[1], entry[1]) -- somebody deleted it: there is nothing left to deliver
            end
        end
        return claimed
        """;

    /// <summary>Shows that entries are still being worked on, unless somebody else has taken them over. ARGV: group, consumer, ids. Returns how many are still held.</summary>
    public const string Hold = """
        local held = 0
        for i = 3, #ARGV do
            local entry = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1)[1]
            if entry and entry[2] == ARGV[2] then
                redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'JUSTID')
                held = held + 1
            end
        end
        return held
        """;

    /// <summary>Leaves a consumer's entries to whoever comes first, by making them look idle for an hour; a consumer that has none is removed. ARGV: group, consumer.</summary>
    public const string Release = """
        local from, count = '-', 0
        while true do
            local pending = redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', 1000, ARGV[2])
            for _, entry in ipairs(pending) do
                redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1], 'IDLE', 3600000, 'JUSTID')
            end
            count = count + #pending
            if #pending < 1000 then break end
            from = '(' .. pending[#pending][1]
        end
        if count == 0 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end
        return count
        """;

    /// <summary>Removes consumers that hold nothing and have not been seen for a day: every start of a process makes a new one. ARGV: group.</summary>
    public const string Tidy = """
        for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
            local known = {}
            for i = 1, #consumer, 2 do known[consumer[i]] = consumer[i + 1] end
            if known['pending'] == 0 and known['idle'] > 86400000 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], known['name']) end
        end
        """;

    /// <summary>
    /// Removes what every group of the stream has acknowledged, and nothing else. ARGV: groups that must be there, else nothing is removed. Returns how many entries were removed.
    /// </summary>
    public const string Trim = """
        local function parts(id)
            local time, number = string.match(id, '^(%d+)-(%d+)$')
            return tonumber(time), tonumber(number)
        end
        local missing, low = {}, nil
        for _, group in ipairs(ARGV) do missing[group] = true end
        for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
            local known = {}
            for i = 1, #group, 2 do known[group[i]] = group[i + 1] end
            missing[known['name']] = nil
            local pending = redis.call('XPENDING', KEYS[1], known['name'])
            local time, number
            if pending[1] > 0 then
                time, number = parts(pending[2])
            else
                time, number = parts(known['last-delivered-id'])
                number = number + 1
            end
            if not low or time < low[1] or (time == low[1] and number < low[2]) then low = { time, number } end
        end
        if not low or next(missing) then return 0 end
        return redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-%.0f', low[1], low[2]))
        """;
}
