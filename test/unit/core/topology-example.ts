/** Documents for tests of the topology. @module */

/** A document that says something in every section: windows, event time, admission, placement. */
export const AD_CTR = `{
  "$schema": "./node_modules/millrace/topology.schema.json",      // shipped in the package
  "version": 1,
  "name": "ad-ctr",
  "sources": {
    "impressions": {
      "connector": "file", "path": "impressions.csv", "format": "csv",
      "schema": { "ts": "timestamp", "impression": "int64", "user": "string", "ad": "int32", "bid": "float64" },
      "time": { "field": "ts", "lateness": "5s" },                // event time, bounded out-of-orderness
      "admission": { "value": "bid", "class": "ad % 4", "slo": "50ms", "onOverload": "shed" }
    }
  },
  "operators": {
    "valid":  { "type": "filter", "input": "impressions", "where": "bid > 0" },
    "per_ad": { "type": "aggregate", "input": "valid", "groupBy": ["ad"],
                "window": { "type": "tumbling", "size": "10s" },
                "select": { "shown": "COUNT(*)", "spend": "SUM(bid)" } },
    "scaled": { "type": "map", "input": "per_ad", "select": { "*": true, "mean": "spend / shown" } }
  },
  "sinks": {
    "out": { "input": "scaled", "connector": "file", "path": "per_ad.csv", "format": "csv" }
  },
  "engine": { "workers": 2, "placement": { "pin": { "per_ad": 1 } }, "state": { "dir": "./state" } }
}`;

type Part = Readonly<Record<string, unknown>>;

/** A document with these parts; a source `in` with columns `a` and `ts` unless `sources` are given. */
export function documentOf(parts: {
  sources?: Part;
  operators?: Part;
  sinks?: Part;
  engine?: Part;
}): {
  version: 1;
  name: string;
} & Part {
  const source = {
    connector: 'embedded',
    schema: { a: 'int32', ts: 'timestamp' },
    time: { field: 'ts' },
  };
  return { version: 1, name: 'test', sources: { in: source }, ...parts };
}
