#!lua flags=no-writes
-- include: _base _steady
-- -> {`now` in ms, by which all waits are measured; ms by which the server's clock was set so far}
return {digits(now), redis.call('GET', P .. 'clock') or '0'}
