/**
 * Where a hierarchy is mounted, from the text of /proc/self/mountinfo; undefined when it is not. `hierarchy`: v2, or the
 * name of a v1 controller.
 */
export function findCgroupMount(mountinfo: string, hierarchy: string): string | undefined {
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , , mount] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    const fits = hierarchy === 'v2' ? type === 'cgroup2' : type === 'cgroup' && options.split(',').includes(hierarchy);
    if (fits && mount !== undefined)
      return mount.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  }
  return undefined;
}
