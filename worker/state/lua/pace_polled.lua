#!lua flags=allow-oom
-- include: _base
-- A poll is over: counted for the pace, its entries for the profile of all feeds.
-- ARGV: 1 or 0 (a first poll is not counted), then bin (0..47), weight each
if ARGV[2] == '1' then redis.call('HINCRBY', P .. 'pace', 'polls', 1) end
for i = 3, #ARGV, 2 do
  redis.call('HINCRBYFLOAT', P .. 'pace:profile', ARGV[i], ARGV[i + 1])
end
return 1
