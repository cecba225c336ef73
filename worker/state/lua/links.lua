#!lua flags=allow-oom
-- include: _base _epochs _seen _record _link
-- ARGV: ms of an epoch, then ids of URLs -> the article that each is another address of, or ''
local length = tonumber(ARGV[2])
local answer = {}
for i = 3, #ARGV do
  answer[#answer + 1] = article_of(ARGV[i], epoch_at(length), length) or ''
end
return answer
