import type { GivenFacts } from './given-facts.ts';

/** container.* and the user of the process. Without container.id the process runs on the host. */
export function deriveContainer(facts: GivenFacts): void {
  facts.add('container.id', 'host');
  const id = facts.text('container.id');
  facts.add('container.full_id', id);
  if (id === 'host') {
    facts.add('container.type', 'host');
    facts.add('container.name', 'host');
  }
  if (facts.number('user.uid') === 0) facts.add('user.name', 'root');
  if (facts.text('user.name') === 'root') facts.add('user.uid', 0);
}
