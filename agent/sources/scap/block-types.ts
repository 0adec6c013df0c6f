/** What a block of a capture holds. Kinds that carry no version have one. */
export type BlockKind = 'section' | 'machine' | 'processes' | 'descriptors' | 'interfaces' | 'users' | 'event';

export interface BlockType {
  readonly kind: BlockKind;
  /** Of its records; for events 1 = without and 2 = with the number of parameters in the header. */
  readonly version: number;
  /** event: a word of flags stands before the event. */
  readonly flags: boolean;
  /** event: not held to 64 KiB. */
  readonly large: boolean;
}

export const SECTION_HEADER = 0x0a0d0d0a;
/** The block that nearly all events of today's captures are in. */
export const EVENT_V2 = 0x216;

const block = (kind: BlockKind, version: number, flags = false, large = false): BlockType => ({
  kind,
  version,
  flags,
  large,
});

/** Every block type by its number; the second numbers of some are those of early writers. */
export const BLOCK_TYPES: ReadonlyMap<number, BlockType> = new Map([
  [SECTION_HEADER, block('section', 1)],
  [0x201, block('machine', 1)],
  [0x8002abcd, block('machine', 1)],
  [0x202, block('processes', 1)],
  [0x8000abcd, block('processes', 1)],
  [0x207, block('processes', 2)],
  [0x8013abcd, block('processes', 2)],
  [0x209, block('processes', 3)],
  [0x8014abcd, block('processes', 3)],
  [0x210, block('processes', 4)],
  [0x211, block('processes', 5)],
  [0x212, block('processes', 6)],
  [0x213, block('processes', 7)],
  [0x214, block('processes', 8)],
  [0x215, block('processes', 9)],
  [0x203, block('descriptors', 1)],
  [0x8001abcd, block('descriptors', 1)],
  [0x218, block('descriptors', 2)],
  [0x205, block('interfaces', 1)],
  [0x8011abcd, block('interfaces', 1)],
  [0x219, block('interfaces', 2)],
  [0x206, block('users', 1)],
  [0x8012abcd, block('users', 1)],
  [0x220, block('users', 2)],
  [0x204, block('event', 1)],
  [0x8010abcd, block('event', 1)],
  [EVENT_V2, block('event', 2)],
  [0x221, block('event', 2, false, true)],
  [0x208, block('event', 1, true)],
  [0x217, block('event', 2, true)],
  [0x222, block('event', 2, true, true)],
]);
