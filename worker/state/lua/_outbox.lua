-- What is finished, and the count of it.
--   outbox                  stream, group `index`: d = 1 with a document, 0 an event alone; p = the payload; a = article
--   outbox:ids              hash article id -> its newest item, for `explain`
--   outbox:bytes            sum of the payloads (and what the stream takes beside them)
--   outbox:documents        items with a document: pending until acknowledged
--   ledger                  hash: offered, and <state>/<reason>
--   recent                  list of the newest final events, JSON
-- offered = all <state>/<reason> + articles:payload + outbox:documents, after every script.
local ENTRY_BYTES = 250
local RECENT = 200

local function append(payload, has_document, id)
  local receipt = redis.call('XADD', P .. 'outbox', '*', 'd', has_document and '1' or '0', 'p', payload, 'a', id)
  redis.call('HSET', P .. 'outbox:ids', id, receipt)
  redis.call('INCRBY', P .. 'outbox:bytes', #payload + ENTRY_BYTES)
  if has_document then redis.call('INCR', P .. 'outbox:documents') end
end

-- The item is done with. The bytes that it was counted with are taken off again.
local function remove(receipt, entry)
  local id = entry[2][6]
  redis.call('XDEL', P .. 'outbox', receipt)
  redis.call('DECRBY', P .. 'outbox:bytes', #entry[2][4] + ENTRY_BYTES)
  if redis.call('HGET', P .. 'outbox:ids', id) == receipt then redis.call('HDEL', P .. 'outbox:ids', id) end
end

local function tell(event)
  redis.call('LPUSH', P .. 'recent', event)
  redis.call('LTRIM', P .. 'recent', 0, RECENT - 1)
end

local function count(state, reason)
  redis.call('HINCRBY', P .. 'ledger', state .. '/' .. reason, 1)
end
