import { type Alert, type AlertSample, PRIORITIES, type Priority, type ProcessEntity } from '../agent/events/alert.ts';
import { fromInt64, fromUint64, toInt64 } from './int64.ts';
import { type AlertMessage, type AlertSampleMessage, type ProcessEntityMessage, v1 } from './messages.ts';
import { wellFormed } from './text.ts';
import { fromValues, toValues } from './value.ts';

/** Wire number of a priority (proto: syslog severity plus one). */
export function toPriority(priority: Priority): number {
  return PRIORITIES.indexOf(priority) + 1;
}

/** The other way; what no agent of this version sends counts as Debug. */
export function fromPriority(number: number | null | undefined): Priority {
  return PRIORITIES[(number ?? 0) - 1] ?? 'Debug';
}

export function toAlertMessage(alert: Alert): AlertMessage {
  return {
    uuid: alert.uuid,
    timeNs: toInt64(alert.timeNs),
    raisedNs: toInt64(alert.raisedNs),
    rule: wellFormed(alert.rule),
    priority: toPriority(alert.priority),
    source: wellFormed(alert.source),
    hostname: wellFormed(alert.hostname),
    tags: alert.tags.map(wellFormed),
    output: wellFormed(alert.output),
    outputFields: toValues(alert.outputFields),
    context: toValues(alert.context),
    matched: alert.matched.map(wellFormed),
    process: alert.process === undefined ? null : toEntity(alert.process),
    ancestors: alert.ancestors.map(toEntity),
    incomplete: alert.completeness === 'complete' ? [] : [...alert.completeness],
    redactions: [...alert.redactions],
    count: alert.count,
    firstNs: toInt64(alert.firstNs),
    lastNs: toInt64(alert.lastNs),
    ruleSetDigest: alert.ruleSetDigest,
    samples: (alert.samples ?? []).map(({ uuid, timeNs, output }) => ({
      uuid,
      timeNs: toInt64(timeNs),
      output: wellFormed(output),
    })),
    aggregateOf: alert.aggregateOf ?? '',
  };
}

export function fromAlertMessage(message: AlertMessage): Alert {
  return {
    uuid: message.uuid ?? '',
    timeNs: fromInt64(message.timeNs),
    raisedNs: fromInt64(message.raisedNs),
    rule: message.rule ?? '',
    ruleSetDigest: message.ruleSetDigest ?? '',
    priority: fromPriority(message.priority),
    source: message.source ?? '',
    tags: message.tags ?? [],
    hostname: message.hostname ?? '',
    output: message.output ?? '',
    outputFields: fromValues(message.outputFields),
    context: fromValues(message.context),
    matched: message.matched ?? [],
    ...(message.process ? { process: fromEntity(message.process) } : {}),
    ancestors: (message.ancestors ?? []).map(fromEntity),
    completeness: message.incomplete?.length ? message.incomplete : 'complete',
    redactions: message.redactions ?? [],
    count: Number(fromUint64(message.count)),
    firstNs: fromInt64(message.firstNs),
    lastNs: fromInt64(message.lastNs),
    ...(message.samples?.length ? { samples: message.samples.map(fromSample) } : {}),
    ...(message.aggregateOf ? { aggregateOf: message.aggregateOf } : {}),
  };
}

/** An alert alone, as it stands in an envelope. */
export function encodeAlert(alert: Alert): Uint8Array {
  return v1.Alert.encode(toAlertMessage(alert)).finish();
}

/** Throws (protobufjs's errors) when the bytes are no alert. */
export function decodeAlert(bytes: Uint8Array): Alert {
  return fromAlertMessage(v1.Alert.decode(bytes));
}

function fromSample({ uuid, timeNs, output }: AlertSampleMessage): AlertSample {
  return { uuid: uuid ?? '', timeNs: fromInt64(timeNs), output: output ?? '' };
}

function toEntity(entity: ProcessEntity): ProcessEntityMessage {
  return {
    pid: entity.pid,
    startNs: toInt64(entity.startNs),
    name: wellFormed(entity.name),
    exePath: wellFormed(entity.exePath),
    cmdline: wellFormed(entity.cmdline),
  };
}

function fromEntity(message: ProcessEntityMessage): ProcessEntity {
  return {
    pid: message.pid ?? 0,
    startNs: fromUint64(message.startNs),
    name: message.name ?? '',
    exePath: message.exePath ?? '',
    cmdline: message.cmdline ?? '',
  };
}
