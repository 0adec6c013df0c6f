import { KIND_CODES, KIND_OF_CODE, KIND_STRUCT } from './kinds.ts';
import { eventKind, STRUCT_BYTES, STRUCTS } from './layout.gen.ts';

/** What a record of one kind must hold to be read without further checks. */
export interface Shape {
  /** Size of the fixed part in bytes; strings follow it. */
  readonly structBytes: number;
  /** Where its vstr members are, nested blocks included. */
  readonly strings: Uint16Array;
  /** Where its file blocks are. */
  readonly files: Uint16Array;
}

type StructName = keyof typeof STRUCTS;

function shapeOf(name: StructName): Shape {
  const strings: number[] = [];
  const files: number[] = [];
  const walk = (struct: StructName, base: number): void => {
    if (struct === 'fileBlock') files.push(base);
    const members: readonly (readonly [number, string])[] = Object.values(STRUCTS[struct]);
    for (const [offset, type] of members) {
      if (type === 'vstr') strings.push(base + offset);
      else if (type in STRUCTS) walk(type as StructName, base + offset);
    }
  };
  walk(name, 0);
  return {
    structBytes: STRUCT_BYTES[name],
    strings: Uint16Array.from(strings),
    files: Uint16Array.from(files),
  };
}

/** Shapes by kind number; undefined for numbers that are not in use. */
export const SHAPES: readonly (Shape | undefined)[] = (() => {
  const shapes: (Shape | undefined)[] = Array.from({ length: KIND_CODES });
  KIND_OF_CODE.forEach((kind, code) => {
    if (kind !== undefined) shapes[code] = shapeOf(KIND_STRUCT[kind]);
  });
  shapes[eventKind.heartbeat] = shapeOf('eventHeartbeat');
  shapes[eventKind.task] = shapeOf('eventTask');
  return shapes;
})();
