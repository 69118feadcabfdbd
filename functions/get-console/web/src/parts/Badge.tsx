import { Icon } from './Icon';

const icons = { good: 'good', warn: 'warn', bad: 'warn', off: 'stop', wait: 'clock' } as const;

export type Tone = keyof typeof icons;

/** A state in words and with a sign, so that its color repeats what is said. */
export function Badge({ tone, children }: { tone: Tone; children: string }) {
  return <span class={`badge ${tone}`}><Icon name={icons[tone]} />{children}</span>;
}
