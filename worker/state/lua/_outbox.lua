-- What is finished, and the count of it.
--   outbox                  stream, group `index`: d = 1 with a document, 0 an event alone; p = the payload
--   outbox:bytes            sum of the payloads (and what the stream takes beside them)
--   outbox:documents        items with a document: pending until acknowledged
--   ledger                  hash: offered, and <state>/<reason>
--   recent                  list of the newest final events, JSON
-- offered = all <state>/<reason> + articles:payload + outbox:documents, after every script.
local ENTRY_BYTES = 100
local RECENT = 200

local function append(payload, has_document)
  redis.call('XADD', P .. 'outbox', '*', 'd', has_document and '1' or '0', 'p', payload)
  redis.call('INCRBY', P .. 'outbox:bytes', #payload + ENTRY_BYTES)
  if has_document then redis.call('INCR', P .. 'outbox:documents') end
end

local function tell(event)
  redis.call('LPUSH', P .. 'recent', event)
  redis.call('LTRIM', P .. 'recent', 0, RECENT - 1)
end

local function count(state, reason)
  redis.call('HINCRBY', P .. 'ledger', state .. '/' .. reason, 1)
end
