/** A device number as the kernel keeps it: major << 20 | minor. */
export function deviceMajor(dev: number): number {
  return dev >>> 20;
}

export function deviceMinor(dev: number): number {
  return dev & 0xf_ffff;
}

/** The same as stat shows it to user space: low 8 bits of the minor, 12 of the major, then the rest of the minor. */
export function encodeDevice(dev: number): number {
  const minor = deviceMinor(dev);
  return ((minor & 0xff) | (deviceMajor(dev) << 8) | ((minor & 0xfff00) << 12)) >>> 0;
}

/** The kernel's own number of a device that stat has shown. */
export function decodeDevice(dev: number): number {
  const minor = (dev & 0xff) | ((dev >>> 12) & 0xfff00);
  return ((((dev >>> 8) & 0xfff) << 20) | minor) >>> 0;
}
