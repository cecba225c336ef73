#!lua flags=allow-oom
-- include: _base _epochs _seen _record _link _erased
-- Which article a page is, by all its addresses and its text, in one script: two workers that meet two addresses of one
-- page at the same instant agree. Repeating a call repeats its answer.
-- ARGV: ms of an epoch, id of the URL it was found at, of the one offered, evidence, place it was found at, canonical's,
--   offered's (each '' for none), host it was found at, claim on its canonical URL ('' for none), then ids of the hops
-- -> {} when it was erased, by any of these, or {article, 1 when this is a new address of an article that is delivered,
--   or one without a text, 1 when the canonical URL is taken for an address of it}
local length, base, offered, evidence = tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5]
local place, canonical = ARGV[6], ARGV[7]
local epoch = epoch_at(length)
if is_erased_host(ARGV[9]) or is_erased(place) or is_erased(ARGV[8]) or is_erased(ARGV[10]) then return {} end
for i = 3, #ARGV do
  if (i < 5 or i > 10) and is_erased(ARGV[i]) then return {} end
end

local claims = canonical ~= '' and canonical ~= place

local article, via, proved = article_of(base, epoch, length), '', false
if not article and load_record(base, epoch, length) then article = base end
if not article and evidence ~= '' then
  for _, key in ipairs({canonical, place, ARGV[8]}) do
    local e = key ~= '' and place_at(key) or nil
    if e and e.target ~= base then
      local claimed = claims and key == canonical  -- by its canonical URL alone, not by its own
      if not same_text(e.evidence, evidence) then
        if claimed then claim_in_vain(key, e, base) end
      elseif not article and (not claimed or e.others < MANY) then
        article, via, proved = article_of(e.target, epoch, length) or e.target, claimed and key or '', true
      end
    end
  end
end
article = article or base
if is_erased(article) then return {} end

local confirmed = 0
if evidence ~= '' then
  for _, key in ipairs({place, canonical}) do
    local own = key == place and article == base
    local e = place_at(key)
    if not e or e.target == article or (own and not e.own) then
      e = {
        target = article, own = own or (e and e.target == article and e.own), others = e and e.others or 0,
        last = e and e.last or NONE4, evidence = evidence,
      }
      put_place(key, e)
    end
    if claims and key == canonical and e.target == article and e.others < MANY then confirmed = 1 end
    if key == canonical or canonical == '' then break end
  end
end

link(base, article, via, epoch, length)
link(offered, article, via, epoch, length)
for i = 11, #ARGV do link(ARGV[i], article, '', epoch, length) end

-- A wall at another address says nothing about the article.
local met = proved or (evidence == '' and article ~= base)
local known = met and load_record(article, epoch, length)
return {article, known and known.delivered and 1 or 0, confirmed}
