import { release } from 'node:os';
import { abi } from '../decode/layout.gen.ts';
import type { Plan } from '../events/plan.ts';
import { type CaptureHeader, layoutDigest } from '../sources/capture/header.ts';
import { machineTables, type World } from './world.ts';

/** What a capture that begins now says of this machine. */
export function captureHeader(world: World, plan: Plan, version: string): CaptureHeader {
  const startedNs = BigInt(Date.now()) * 1_000_000n;
  return {
    abi: abi.version,
    layout: layoutDigest(),
    version,
    machine: world.machine,
    kernel: release(),
    hostname: world.hostname,
    bootId: world.bootId,
    startedNs,
    utcOffsetMinutes: world.utcOffsetMinutes(startedNs),
    plan,
    ...machineTables(),
  };
}
