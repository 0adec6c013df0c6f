import { byExitCode } from './codes.ts';

/** Where an event's path stands, and the descriptor of the directory that it counts from. */
export interface NamePlace {
  readonly at: number;
  /** Place of the directory's descriptor; -1 = the working directory; -2 = it is not told. */
  readonly directory: number;
}

/** Paths that are found where Falco finds them for fs.path.*. */
export interface NamePlaces {
  readonly first: NamePlace;
  readonly second?: NamePlace;
}

const one = (at: number, directory = -1): NamePlaces => ({ first: { at, directory } });
const two = (first: NamePlace, second: NamePlace): NamePlaces => ({ first, second });
const from = (at: number, directory = -1): NamePlace => ({ at, directory });

/** By code: the path argument; of calls with two the old one first, of symlinks the link first. */
export const NAME_PLACES: readonly (NamePlaces | undefined)[] = byExitCode<NamePlaces | undefined>(undefined, {
  open: one(1),
  openat: one(2, 1),
  openat2: one(2, 1),
  creat: one(1),
  open_by_handle_at: one(3),
  unlink: one(1),
  unlinkat: one(2, 1),
  rmdir: one(1),
  mkdir: one(1),
  mkdirat: one(2, 1),
  chmod: one(1),
  fchmodat: one(2, 1),
  chown: one(1),
  lchown: one(1),
  fchownat: one(2, 1),
  umount: one(1),
  umount2: one(1),
  quotactl: one(1),
  rename: two(from(1), from(2)),
  renameat: two(from(2, 1), from(4, 3)),
  renameat2: two(from(2, 1), from(4, 3)),
  link: two(from(1), from(2)),
  linkat: two(from(2, 1), from(4, 3)),
  symlink: two(from(2), from(1)),
  symlinkat: two(from(3, 2), from(1, -2)),
  mount: two(from(2), from(1)),
});
