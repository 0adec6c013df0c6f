import { expect, test } from 'vitest';
import { containerOfPath } from '../../../agent/state/container-id.ts';

const ID = '0123456789abcdef'.repeat(4);
const OTHER = 'fedcba9876543210'.repeat(4);
const POD = 'pod12345678_1234_1234_1234_123456789abc';

const container = (fullId: string, type: string | undefined) => ({ id: fullId.slice(0, 12), fullId, type });

test.each([
  ['docker, systemd', `/system.slice/docker-${ID}.scope`, 'docker'],
  ['docker, cgroupfs', `/docker/${ID}`, 'docker'],
  ['docker, rootless', `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${ID}.scope`, 'docker'],
  [
    'containerd, systemd',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-${POD}.slice/cri-containerd-${ID}.scope`,
    'containerd',
  ],
  ['containerd, cgroupfs', `/kubepods/burstable/${POD}/${ID}`, undefined],
  [
    'containerd without systemd in a slice',
    `/system.slice/containerd.service/kubepods-burstable-${POD}.slice:cri-containerd:${ID}`,
    'containerd',
  ],
  [
    'CRI-O, systemd',
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-${POD}.slice/crio-${ID}.scope`,
    'cri-o',
  ],
  ['CRI-O, cgroupfs', `/kubepods/besteffort/${POD}/crio-${ID}`, 'cri-o'],
  ['CRI-O with a cgroup inside', `/kubepods.slice/kubepods-${POD}.slice/crio-${ID}.scope/container`, 'cri-o'],
  ['podman', `/machine.slice/libpod-${ID}.scope`, 'podman'],
  ['podman with a cgroup inside', `/machine.slice/libpod-${ID}.scope/container`, 'podman'],
  [
    'podman, rootless',
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container`,
    'podman',
  ],
  ['podman, cgroupfs', `/libpod_parent/libpod-${ID}`, 'podman'],
  ['nerdctl', `/system.slice/nerdctl-${ID}.scope`, 'containerd'],
  ['a runtime that is not known', `/system.slice/other-${ID}.scope`, undefined],
  ['a service inside of a container', `/docker/${ID}/system.slice/ssh.service`, 'docker'],
  [
    'kind: a pod inside of a container',
    `/docker/${OTHER}/kubelet/kubepods/burstable/${POD}/cri-containerd-${ID}.scope`,
    'containerd',
  ],
  ['docker inside of kubepods', `/kubepods/burstable/${POD}/${OTHER}/docker/${ID}`, 'docker'],
])('finds the container of %s', (_, path, type) => {
  expect(containerOfPath(path)).toEqual({ ...container(ID, type), cgroupPath: path });
});

test.each([
  ['/'],
  ['/init.scope'],
  ['/system.slice/ssh.service'],
  ['/user.slice/user-0.slice/session-1.scope'],
  [`/machine.slice/libpod-conmon-${ID}.scope`],
  [`/kubepods.slice/kubepods-${POD}.slice/crio-conmon-${ID}.scope`],
  ['/kubepods.slice/kubepods-burstable.slice'],
  [`/kubepods/burstable/${POD}`],
  ['/system.slice/docker.service'],
  ['/docker/abc'],
  [`/docker/${ID}0`],
  ['/lxc.monitor.web'],
  [''],
])('takes %s for the host', (path) => {
  expect(containerOfPath(path)).toEqual({ id: 'host', fullId: 'host', type: 'host', cgroupPath: path });
});

test('finds lxc and Fargate containers', () => {
  expect(containerOfPath('/lxc.payload.web-1/init.scope')).toMatchObject({ id: 'web-1', type: 'lxc' });
  expect(containerOfPath('/lxc/web/system.slice')).toMatchObject({ id: 'web', type: 'lxc' });
  const fargate = `${'0a'.repeat(16)}-1234567890`;
  expect(containerOfPath(`/ecs/${'0a'.repeat(16)}/${fargate}`)).toMatchObject({ fullId: fargate, type: 'docker' });
});
