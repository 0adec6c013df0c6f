import { CONTAINER_FIELDS } from './container.ts';
import type { MatchContext } from './context.ts';
import type { Field } from './define.ts';
import { EVT_FIELDS } from './evt.ts';
import { EVT_ARGS_FIELDS } from './evt-args.ts';
import { EVT_RESULT_FIELDS } from './evt-result.ts';
import { EVT_TIME_FIELDS } from './evt-time.ts';
import { FD_FIELDS } from './fd.ts';
import { FD_NET_FIELDS } from './fd-net.ts';
import type { FieldCatalogue } from './field.ts';
import { FS_PATH_FIELDS } from './fs-path.ts';
import { K8S_FIELDS } from './k8s.ts';
import { PROC_FIELDS } from './proc.ts';
import { PROC_ANCESTOR_FIELDS } from './proc-ancestors.ts';
import { PROC_EXE_FIELDS } from './proc-exe.ts';
import { PROC_GROUP_FIELDS } from './proc-group.ts';
import { THREAD_FIELDS } from './thread.ts';
import { USER_FIELDS } from './user.ts';

/** Every field, in the order of the documentation. */
const FIELDS: readonly Field[] = [
  ...EVT_FIELDS,
  ...EVT_TIME_FIELDS,
  ...EVT_RESULT_FIELDS,
  ...EVT_ARGS_FIELDS,
  ...PROC_FIELDS,
  ...PROC_ANCESTOR_FIELDS,
  ...PROC_GROUP_FIELDS,
  ...PROC_EXE_FIELDS,
  ...THREAD_FIELDS,
  ...USER_FIELDS,
  ...FD_FIELDS,
  ...FD_NET_FIELDS,
  ...FS_PATH_FIELDS,
  ...CONTAINER_FIELDS,
  ...K8S_FIELDS,
];

const byName = new Map(FIELDS.map((field) => [field.name, field]));

/** The fields of system-call events. */
export const catalogue: FieldCatalogue<MatchContext> = {
  find: (name) => byName.get(name),
  all: () => FIELDS,
};
