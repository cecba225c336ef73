#!lua
-- include: _base _epochs _seen _record _link _erased
-- Teach a document's addresses again; what is known already stays.
-- ARGV: ms of an epoch, article, evidence, place, canonical's ('' for none), ms of this version where the feeds' entries are to be
--   known as seen ('' where not), then ids of its other URLs
local length, article, evidence = tonumber(ARGV[2]), ARGV[3], ARGV[4]
if is_erased(article) then return 0 end
local epoch = epoch_at(length)
if evidence ~= '' then
  for i = 5, 6 do
    local own, e = i == 5, ARGV[i] ~= '' and place_at(ARGV[i]) or nil
    if ARGV[i] ~= '' and (not e or (own and not e.own and e.target ~= article)) then
      put_place(ARGV[i], {
        target = article, own = own, others = e and e.others or 0, last = e and e.last or NONE4, evidence = evidence,
      })
    elseif e and e.target ~= article and not own and ARGV[6] ~= ARGV[5] and not same_text(e.evidence, evidence) then
      claim_in_vain(ARGV[i], e, article)
    end
  end
end
for i = 8, #ARGV do
  if not find('link', ARGV[i], epoch, SEEN_LIVE) then link(ARGV[i], article, '', epoch, length) end
end
if ARGV[7] ~= '' then
  local met = math.min(epoch, math.floor(tonumber(ARGV[7]) / length))
  if met > epoch - SEEN_LIVE then
    for i = 7, #ARGV do
      local raw = i == 7 and article or ARGV[i]
      if not find('seen', raw, epoch, SEEN_LIVE) then see(raw, met, length) end
    end
  end
end
return 1
