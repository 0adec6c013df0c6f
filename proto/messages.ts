import { atalaya as codec } from './gen/codec.gen.ts';
import type { atalaya } from './gen/types.gen.ts';

/**
 * The messages of proto/atalaya/v1: `v1.Envelope.encode(plain).finish()`, `v1.Envelope.decode(bytes)`. The generated
 * codec is untyped JavaScript; its generated types are joined to it here.
 */
export const v1 = (codec as unknown as typeof atalaya).v1;

export type EnvelopeMessage = atalaya.v1.Envelope.$Properties;
export type AlertMessage = atalaya.v1.Alert.$Properties;
export type AlertSampleMessage = atalaya.v1.AlertSample.$Properties;
export type AmendmentMessage = atalaya.v1.Amendment.$Properties;
export type AnchorMessage = atalaya.v1.Anchor.$Properties;
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
export type AcknowledgeRequestMessage = atalaya.v1.AcknowledgeRequest.$Properties;
export type AcknowledgeResponseMessage = atalaya.v1.AcknowledgeResponse.$Properties;
export type SubscriptionsRequestMessage = atalaya.v1.SubscriptionsRequest.$Properties;
export type SubscriptionsResponseMessage = atalaya.v1.SubscriptionsResponse.$Properties;
export type UnsubscribeRequestMessage = atalaya.v1.UnsubscribeRequest.$Properties;
export type UnsubscribeResponseMessage = atalaya.v1.UnsubscribeResponse.$Properties;
export type AgentsRequestMessage = atalaya.v1.AgentsRequest.$Properties;
export type AgentsResponseMessage = atalaya.v1.AgentsResponse.$Properties;
export type AgentInfoMessage = atalaya.v1.AgentInfo.$Properties;
export type StatsRequestMessage = atalaya.v1.StatsRequest.$Properties;
export type StatsResponseMessage = atalaya.v1.StatsResponse.$Properties;
export type TriageRequestMessage = atalaya.v1.TriageRequest.$Properties;
export type TriageResponseMessage = atalaya.v1.TriageResponse.$Properties;
export type TriageRecordMessage = atalaya.v1.TriageRecord.$Properties;
export type TriageStateMessage = atalaya.v1.TriageState.$Properties;
