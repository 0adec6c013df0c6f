/** Where events or alerts were lost. Counts are exact: produced = received + lost + counted. */
export interface Gap {
  /** Who lost them. */
  readonly stage: 'kernel' | 'reader' | 'decode' | 'match' | 'spool' | 'stream' | 'subscriber';
  /** Event kind where it is known; a lane's gap does not know. */
  readonly kind?: string;
  /** 'ring-full', 'agent-starved', 'pool-full', 'malformed', 'spool-limit', ... */
  readonly cause: string;
  readonly lane?: string;
  readonly cpu?: number;
  readonly cgroupId?: bigint;
  /** Wall clock, ns since 1970: the loss happened between these. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
  readonly count: bigint;
  /** First and last lost sequence of (cpu, lane), where the loss is by sequence. */
  readonly fromSequence?: bigint;
  readonly toSequence?: bigint;
}
