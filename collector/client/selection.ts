import type { Priority } from '../../agent/events/alert.ts';
import { toPriority } from '../../proto/alert.ts';
import type { SelectionMessage } from '../../proto/messages.ts';

/** Which alerts; nothing set = all. */
export interface Selection {
  /** Conditions in the rule language over the fields of an alert's context; all must hold. */
  readonly filters?: readonly string[];
  /** Agent ids or host names. */
  readonly nodes?: readonly string[];
  readonly rules?: readonly string[];
  /** At least one of them. */
  readonly tags?: readonly string[];
  /** This one and more urgent ones. */
  readonly priority?: Priority;
  /** Of Kubernetes. */
  readonly namespaces?: readonly string[];
}

export function toSelection(selection: Selection): SelectionMessage {
  const { filters = [], nodes = [], rules = [], tags = [], namespaces = [], priority } = selection;
  return {
    filters: [...filters],
    nodes: [...nodes],
    rules: [...rules],
    tags: [...tags],
    namespaces: [...namespaces],
    priority: priority === undefined ? 0 : toPriority(priority),
  };
}
