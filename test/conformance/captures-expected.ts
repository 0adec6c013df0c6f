import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A value as the peer prints it. */
export type Expected = string | number | boolean | null;
export type Fields = Readonly<Record<string, Expected>>;

/** Rows of one event, by time, thread and type. */
export type ExpectedRows = Map<string, Fields[]>;

export interface ExpectedAlert {
  readonly rule: string;
  readonly timeNs: bigint;
  readonly fields: Fields;
}

export function rowKey(timeNs: bigint, tid: number, type: string): string {
  return `${timeNs} ${tid} ${type}`;
}

/** Rows of events that have returned. */
export function readRows(path: string): ExpectedRows {
  const rows: ExpectedRows = new Map();
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n')) {
    if (!line.includes('"evt.dir":"<"')) continue;
    const fields = JSON.parse(line) as Fields;
    // The time has more digits than a JSON number keeps.
    const time = /"evt\.rawtime":(\d+)/.exec(line)?.[1];
    if (time === undefined) throw new Error(`${path}: a row without evt.rawtime`);
    const key = rowKey(BigInt(time), Number(fields['thread.tid']), String(fields['evt.type']));
    rows.set(key, [...(rows.get(key) ?? []), fields]);
  }
  return rows;
}

export function readAlerts(path: string): ExpectedAlert[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => {
      const {
        rule,
        time,
        output_fields: fields,
      } = JSON.parse(line) as {
        rule: string;
        time: string;
        output_fields: Fields;
      };
      return { rule, timeNs: nanoseconds(time), fields };
    });
}

/** `2026-11-23T16:08:36.708396443Z` in ns since 1970. */
function nanoseconds(time: string): bigint {
  const [, seconds = '', fraction = ''] = /^(.*?)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0') || 0);
}
