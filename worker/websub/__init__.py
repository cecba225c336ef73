"""WebSub (W3C Recommendation of 2018): subscriptions at hubs, and the callback that their pings come to."""
