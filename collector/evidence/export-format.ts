/** An exported partition: JSON lines, compressed (gzip): a head, a line for each record, an end. */
export const EXPORT_FORMAT = 'atalaya-records-1';
export const EXPORT_SUFFIX = '.jsonl.gz';

export interface ExportHead {
  readonly format: typeof EXPORT_FORMAT;
  readonly partition: string;
  readonly first_id: number;
  readonly last_id: number;
}

export interface ExportLine {
  readonly id: number;
  /** Ns since 1970, as text: more digits than a double has. */
  readonly stored_ns: string;
  readonly agent: string;
  readonly epoch: string;
  readonly sequence: number;
  /** For readers without our schema: of alerts, Falco's JSON. */
  readonly alert?: unknown;
  /** The record as the agent encoded it, in base64: what hashes are made of. */
  readonly envelope: string;
}

export interface ExportEnd {
  readonly end: { readonly records: number };
}
