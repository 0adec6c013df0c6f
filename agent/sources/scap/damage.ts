/** Why a capture cannot be read further, and where. Everything before it has been given out. */
export interface ScapError {
  /** Offset in the capture's bytes; of a compressed file, in what it unpacks to. */
  readonly offset: number;
  /** What was found there and what was expected. */
  readonly message: string;
}

/** Ends the reading of a capture. It does not leave this folder: the source gives it as a ScapError. */
export class Damage extends Error {
  readonly offset: number | undefined;

  /** Without an offset it is where the block began that is being read. */
  constructor(message: string, offset?: number) {
    super(message);
    this.name = 'Damage';
    this.offset = offset;
  }
}
