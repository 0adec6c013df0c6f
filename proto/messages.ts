import { atalaya as codec } from './gen/codec.gen.ts';
import type { atalaya } from './gen/types.gen.ts';

/**
 * The messages of proto/atalaya/v1: `v1.Envelope.encode(plain).finish()`, `v1.Envelope.decode(bytes)`. The generated
 * codec is untyped JavaScript; its generated types are joined to it here.
 */
export const v1 = (codec as unknown as typeof atalaya).v1;

export type EnvelopeMessage = atalaya.v1.Envelope.$Properties;
export type AlertMessage = atalaya.v1.Alert.$Properties;
export type GapMessage = atalaya.v1.Gap.$Properties;
export type HeartbeatMessage = atalaya.v1.Heartbeat.$Properties;
export type ProcessEntityMessage = atalaya.v1.ProcessEntity.$Properties;
export type ValueMessage = atalaya.v1.Value.$Properties;
export type AgentMessage = atalaya.v1.AgentMessage.$Properties;
export type CollectorMessage = atalaya.v1.CollectorMessage.$Properties;
export type SelectionMessage = atalaya.v1.Selection.$Properties;
export type SubscribeRequestMessage = atalaya.v1.SubscribeRequest.$Properties;
export type SubscribeResponseMessage = atalaya.v1.SubscribeResponse.$Properties;
export type QueryRequestMessage = atalaya.v1.QueryRequest.$Properties;
export type QueryResponseMessage = atalaya.v1.QueryResponse.$Properties;
export type RecordMessage = atalaya.v1.Record.$Properties;
