import type { ByteString } from '../events/bytestring.ts';
import type { ContainerInfo } from '../events/process.ts';

/** Bytes of the objects of one description, of a map's entry and of a mount, without their texts; measured. */
const INFO_BYTES = 1500;
const POD_BYTES = 800;
const ENTRY_BYTES = 100;
const MOUNT_BYTES = 200;

/** Memory that a description takes, about. */
export function bytesOfInfo({ labels, mounts, pod }: ContainerInfo): number {
  const mountBytes = mounts.reduce(
    (sum, { source, destination, mode }) => sum + source.length + destination.length + mode.length + MOUNT_BYTES,
    0,
  );
  const podBytes = pod === undefined ? 0 : POD_BYTES + bytesOfLabels(pod.labels) + pod.cniJson.length;
  return INFO_BYTES + bytesOfLabels(labels) + mountBytes + podBytes;
}

function bytesOfLabels(labels: ReadonlyMap<ByteString, ByteString>): number {
  let bytes = 0;
  for (const [key, value] of labels) bytes += key.length + value.length + ENTRY_BYTES;
  return bytes;
}
