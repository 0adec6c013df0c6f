/** Where containerd, CRI-O, Docker and podman listen: as they come, and in the distributions that move them. */
export const USUAL_SOCKETS: readonly string[] = [
  'cri:/run/containerd/containerd.sock',
  'cri:/run/crio/crio.sock',
  'cri:/run/k3s/containerd/containerd.sock',
  'cri:/run/k0s/containerd.sock',
  'cri:/var/snap/microk8s/common/run/containerd.sock',
  'cri:/run/cri-dockerd.sock',
  'docker:/run/docker.sock',
  'docker:/run/podman/podman.sock',
];
