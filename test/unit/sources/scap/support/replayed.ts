import { catalogue } from '../../../../../agent/fields/catalogue.ts';
import type { MatchContext } from '../../../../../agent/fields/context.ts';
import type { FieldResult } from '../../../../../agent/fields/field.ts';
import { scapOptions } from '../../../../../agent/pipeline/scap.ts';
import { ScapCapture } from '../../../../../agent/sources/scap/capture.ts';

const WORLD = { services: new Map<number, string>(), utcOffsetMinutes: () => 0 };

/** Values of fields (`name` or `name[argument]`) for each event of a capture. */
export function replayed(bytes: Buffer, ...fields: readonly string[]): FieldResult[][] {
  const rows: FieldResult[][] = [];
  const capture = new ScapCapture(
    scapOptions(WORLD, (context) => rows.push(fields.map((name) => valueOf(context, name)))),
  );
  const error = capture.push(bytes) ?? capture.end();
  if (error !== undefined) throw new Error(`${error.message} at ${error.offset}`);
  return rows;
}

function valueOf(context: MatchContext, text: string): FieldResult {
  const [, name = text, argument] = /^([^[]+)\[(.*)\]$/.exec(text) ?? [];
  const field = catalogue.find(name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return field.get(context, argument === undefined ? undefined : /^\d+$/.test(argument) ? Number(argument) : argument);
}
