import type { ContainerInfo } from '../../../agent/events/process.ts';

/** A description in which all is empty that is not given. */
export function infoOf(given: Partial<ContainerInfo> = {}): ContainerInfo {
  return {
    name: '',
    image: '',
    imageId: '',
    imageRepository: '',
    imageTag: '',
    imageDigest: '',
    privileged: false,
    hostPid: false,
    hostNetwork: false,
    hostIpc: false,
    ip: '',
    labels: new Map(),
    mounts: [],
    ...given,
  };
}
