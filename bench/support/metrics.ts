/** Sum of a metric over its labels, of which `label` (`name="value"`) must be one; 0 where there is none. */
export function sumOf(page: string, metric: string, label?: string): number {
  let sum = 0;
  for (const line of page.split('\n')) {
    const [, labels = '', value] = /^[a-z_]+(\{[^}]*\})? (\S+)$/.exec(line.startsWith(metric) ? line : '') ?? [];
    if (line.charAt(metric.length) !== '{' && line.charAt(metric.length) !== ' ') continue;
    if (value !== undefined && (label === undefined || labels.includes(label))) sum += Number(value);
  }
  return sum;
}
