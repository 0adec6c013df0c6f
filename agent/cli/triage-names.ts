import type { Action, Status } from '../../collector/client/client.ts';

export const STATUS_NAMES = ['open', 'acknowledged', 'true-positive', 'false-positive'] as const satisfies Status[];
export const ACTION_NAMES = [
  'acknowledge',
  'assign',
  'note',
  'true-positive',
  'false-positive',
  'reopen',
] as const satisfies Action[];
