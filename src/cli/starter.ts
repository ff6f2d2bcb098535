/** The files that `millrace init` writes. @module */

const TOPOLOGY = `{
  "$schema": "./node_modules/millrace/topology.schema.json",
  "version": 1,
  "name": "spend-per-channel",
  "sources": {
    "clicks": {
      "connector": "file", "path": "clicks.csv", "format": "csv",
      "schema": { "ts": "timestamp", "user": "string", "channel": "string", "price": "float64" },
      "time": { "field": "ts", "lateness": "5s" }
    }
  },
  "operators": {
    "paid": { "type": "filter", "input": "clicks", "where": "price > 0" },
    "per_channel": {
      "type": "aggregate", "input": "paid", "groupBy": ["channel"],
      "window": { "type": "tumbling", "size": "10s" },
      "select": { "clicks": "COUNT(*)", "spend": "SUM(price)" }
    },
    "with_mean": { "type": "map", "input": "per_channel", "select": { "*": true, "mean": "spend / clicks" } }
  },
  "sinks": {
    "result": {
      "input": "with_mean", "connector": "file", "path": "spend_per_channel.csv", "format": "csv",
      "orderBy": ["window_start", "channel"]
    }
  }
}
`;

const CLICKS = `ts,user,channel,price
2026-01-01T00:00:01Z,ada,ads,1.25
2026-01-01T00:00:02Z,bob,mail,0
2026-01-01T00:00:04Z,cyd,ads,0.75
2026-01-01T00:00:03Z,ada,mail,2
2026-01-01T00:00:09Z,dan,search,0.5
2026-01-01T00:00:12Z,bob,ads,1.5
2026-01-01T00:00:11Z,eve,search,3.25
2026-01-01T00:00:18Z,cyd,mail,0.25
2026-01-01T00:00:23Z,ada,ads,2.5
2026-01-01T00:00:27Z,dan,ads,0
2026-01-01T00:00:29Z,eve,search,1
`;

/** Name → text; the topology comes first. */
export const STARTER_FILES: Readonly<Record<string, string>> = {
  'topology.json': TOPOLOGY,
  'clicks.csv': CLICKS,
};
