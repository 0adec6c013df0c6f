import type { ContainerFacts, MountFacts } from './describe.ts';
import { imageIdOf } from './image-name.ts';
import { isObject, type Json, objectAt, objectsAt, textAt, textsAt, textsOf } from './json.ts';

/** Reads an answer of `GET /containers/ID/json`, of Docker or podman. */
export function dockerFacts(answer: Json): ContainerFacts {
  const config = objectAt(answer, 'Config');
  const host = objectAt(answer, 'HostConfig');
  const network = objectAt(answer, 'NetworkSettings');
  return {
    name: textAt(answer, 'Name').replace(/^\//, ''),
    image: textAt(config, 'Image') || textAt(answer, 'ImageName'),
    imageId: imageIdOf(textAt(answer, 'Image')),
    digest: textAt(answer, 'ImageDigest'),
    privileged: host['Privileged'] === true,
    hostPid: textAt(host, 'PidMode') === 'host',
    hostNetwork: textAt(host, 'NetworkMode') === 'host',
    hostIpc: textAt(host, 'IpcMode') === 'host',
    ip: addressOf(network),
    labels: textsOf(objectAt(config, 'Labels')),
    mounts: objectsAt(answer, 'Mounts').map(mountOf),
    user: textAt(config, 'User'),
    capabilities:
      textsAt(answer, 'BoundingCaps').length > 0 ? textsAt(answer, 'BoundingCaps') : textsAt(host, 'CapAdd'),
    healthcheck: textsAt(objectAt(config, 'Healthcheck'), 'Test').join(' '),
  };
}

/** The default network's address, else that of the first network that has one. */
function addressOf(network: Json): string {
  const own = textAt(network, 'IPAddress');
  if (own !== '') return own;
  const addresses = Object.values(objectAt(network, 'Networks')).map((one) =>
    isObject(one) ? textAt(one, 'IPAddress') : '',
  );
  return addresses.find((address) => address !== '') ?? '';
}

function mountOf(mount: Json): MountFacts {
  return {
    source: textAt(mount, 'Source'),
    destination: textAt(mount, 'Destination'),
    mode: textAt(mount, 'Mode'),
    writable: mount['RW'] === true,
    propagation: textAt(mount, 'Propagation'),
  };
}
