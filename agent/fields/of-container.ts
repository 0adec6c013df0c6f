import type { ContainerInfo, Process } from '../events/process.ts';
import { type FieldResult, PENDING } from './field.ts';

const HOST = 'host';

/** A value of the process's container: pending while it is on its way, absent where nobody knows. */
export function ofContainer(
  process: Process | undefined,
  onHost: FieldResult,
  read: (info: ContainerInfo) => FieldResult,
): FieldResult {
  if (process === undefined) return undefined;
  const { container } = process;
  if (container === undefined) return PENDING;
  if (container.id === HOST) return onHost;
  if (container.info === undefined) return container.isPending === true ? PENDING : undefined;
  return read(container.info);
}
